"""The section on the voice of four languages, of the page of voices."""

from experiments.report.results import Result, Results
from experiments.report.tables import picture, significant, source
from experiments.report.voice_sections import judged_table, section_on_bits, section_on_curve

REFERENCES = {
    "english": "kathleen",
    "german": "kerstin",
    "dutch": "nathalie",
    "italian": "asterisk-core-sounds-it-g722",
}
"""The held-out speech that each speaker is judged beside."""


def section_of_languages(results: Results) -> list[str]:
    """Tabulates bits per sample, measures beside real speech, and the training; nothing without a result."""
    release, reference, judged = (
        results.get(f"languages_{name}") for name in ("release", "reference", "judged")
    )
    parts = [
        *section_on_bits(release, results.get("voice_languages"), "### Bits per sample of each language"),
        *_judged(judged, reference),
        *([] if release is None else section_on_curve(release, "### Training on several languages")),
    ]
    if not parts:
        return []
    return [
        "## A voice of four languages",
        "One voice with a speaker each of US English, German, Dutch and Italian. Each began with the row of a speaker "
        "of the pretrained voice, and with its units; the units of each speaker follow each other as in its own "
        "recordings.",
        *parts,
    ]


def _judged(result: Result | None, reference: Result | None) -> list[str]:
    """Tabulates the measures of each speaker beside its own held-out recordings; nothing without both results."""
    if result is None or reference is None:
        return []
    references = {one["name"]: one for one in reference.values["references"]}
    temperature = significant(result.values["temperature"], 2)
    parts = [
        "### Speech-likeness of each language",
        f"Samples of 10 s at a temperature of {temperature}; columns and measures are those "
        "[above](#speech-likeness), beside held-out recordings of the same speaker.",
    ]
    for speaker, judged in result.values["judged"].items():
        parts += [
            f"#### {speaker.capitalize()}",
            judged_table(judged, references[REFERENCES[speaker]]),
            source(result, reference),
            picture(
                f"{result.name}-{speaker}-judged",
                f"{speaker}: each measure of each sample, over the range of real speech",
            ),
            picture(f"{result.name}-{speaker}", f"{speaker}: waveform and spectrogram of one sample"),
        ]
    return parts
