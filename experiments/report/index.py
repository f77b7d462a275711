"""The index: every result in one table."""

from experiments.report.results import Results
from experiments.report.tables import page, table

TITLES = {
    "voices": "Voices: how much like speech, bits per sample, block times",
    "other-sounds": "Sounds other than speech",
    "control": "Control: measured against asked",
    "paper": "Comparisons of Mehri et al. 2017 at small scale",
    "events": "Turn-taking events of Switchboard",
    "families": "Families of distributions of floor-transfer offsets",
    "presets": "Timing presets",
    "small-corpora": "Small corpora, shrunk towards a preset",
    "prediction": "Prediction of floor-transfer offsets",
    "floor": "The floor simulator",
    "speakers": "One speaker beside people",
    "live": "The live agent",
    "perception": "Hearing the user",
    "phonotactics": "Words that mean nothing",
    "manipulation": "Controlled timing and voice activity detection",
    "ears": "Ears",
    "phones": "Phones and words",
    "vocoders": "Tacotron 2, vocoders and listening quality",
    "benchmarks": "Benchmarks",
}


def page_of_all(results: Results) -> str:
    """The index page."""
    recorded = sum(bool(result.values.get("commit")) for result in results.values())
    rows = [
        [
            f"`{result.name}`",
            f"[{result.entry.line}]({result.entry.page}.md)",
            f"`{result.entry.command}`",
            result.commit,
        ]
        for result in results.values()
    ]
    return page(
        "Results",
        f"The pages show {len(results)} results. A result is a JSON file in `experiments/results`, which "
        "one command makes; the pages are generated from these files. CORPORA stands for the folder that "
        "holds the corpora of conversations.",
        "\n".join(f"- [{title}]({name}.md)" for name, title in TITLES.items()),
        "## All results",
        f"The commit is that of the code which made the result. {recorded} of {len(results)} files name it; "
        "of the others it is the commit that last changed the file.",
        table(["result", "what", "command", "commit"], rows, left=4),
    )
