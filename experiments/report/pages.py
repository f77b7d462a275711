"""The pages together: generated, written, compared."""

import re
from collections.abc import Callable
from pathlib import Path

from experiments.report import (
    benchmarks,
    control,
    ears,
    families,
    floor,
    index,
    live,
    manipulation,
    other_sounds,
    paper,
    perception,
    phones,
    phonotactics,
    prediction,
    small_corpora,
    speakers,
    timing,
    vocoders,
    voices,
)
from experiments.report.results import Results, read
from experiments.report.tables import RESULTS_LINK

DOCS = Path(__file__).resolve().parents[2] / "docs" / "results"
COMMAND = "python -m experiments.report"

PAGES: dict[str, Callable[[Results], str]] = {
    "index": index.page_of_all,
    "voices": voices.page_of_voices,
    "other-sounds": other_sounds.page_of_other_sounds,
    "control": control.page_of_control,
    "paper": paper.page_of_paper,
    "events": timing.page_of_events,
    "families": families.page_of_families,
    "presets": timing.page_of_presets,
    "small-corpora": small_corpora.page_of_small_corpora,
    "prediction": prediction.page_of_prediction,
    "floor": floor.page_of_floor,
    "speakers": speakers.page_of_speakers,
    "live": live.page_of_live,
    "manipulation": manipulation.page_of_manipulation,
    "perception": perception.page_of_perception,
    "phonotactics": phonotactics.page_of_phonotactics,
    "ears": ears.page_of_ears,
    "phones": phones.page_of_phones,
    "vocoders": vocoders.page_of_vocoders,
    "benchmarks": benchmarks.page_of_benchmarks,
}
"""By file name without its ending."""


def generate(results: Results) -> dict[str, str]:
    """The text of each page by its file name."""
    return {f"{name}.md": make(results) for name, make in PAGES.items()}


def write(generated: dict[str, str], folder: Path = DOCS) -> None:
    """Writes the pages into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in generated.items():
        (folder / name).write_text(text, "utf-8")


def differing(generated: dict[str, str], folder: Path = DOCS) -> list[str]:
    """File names of the pages that a folder lacks or holds with another text."""
    return [
        name
        for name, text in generated.items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text
    ]


def picture_names() -> list[str]:
    """Lists the file names of the PNGs of `experiments/results` that the pages show, sorted."""
    text = "\n".join(generate(read()).values())
    return sorted(set(re.findall(rf"\]\({re.escape(RESULTS_LINK)}([^)]+\.png)\)", text)))
