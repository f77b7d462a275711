"""The reference page has every key of the model of the specification, every column, and no other."""

import dataclasses
import re
from pathlib import Path

from babble_jax.stimuli.columns import COLUMNS
from babble_jax.stimuli.spec.designs import Adaptive, ScriptTurn
from babble_jax.stimuli.spec.levels import Backchannel, Catch, Degradation, Level
from babble_jax.stimuli.spec.output import Output, TurnLevel
from babble_jax.stimuli.spec.prosody import SpokenProsody
from babble_jax.stimuli.spec.question import Question
from babble_jax.stimuli.spec.type_mistakes import list_fields
from babble_jax.stimuli.specification import StimulusSpec
from babble_jax.timing.manipulation.manipulations import Manipulations

PAGE = Path(__file__).parents[2] / "docs" / "stimuli-reference.md"


def sections() -> dict[str, list[str]]:
    """First cells of the tables of the page, by the heading above them."""
    parts = re.split(r"^## (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        title: re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_every_key_and_every_column_is_described_once():
    page = sections()
    level = {*list_fields(Level), *(field.name for field in dataclasses.fields(Manipulations))}
    expected = {
        "Top of the file": set(list_fields(StimulusSpec)),
        "Script": set(list_fields(ScriptTurn)),
        "Adaptive": set(list_fields(Adaptive)),
        "Backchannels": set(list_fields(Backchannel)),
        "Levels of factors": level | set(list_fields(Degradation)) | set(list_fields(SpokenProsody)),
        "Catch trials": set(list_fields(Catch)) - level,
        "Output": {*list_fields(Output), *(f"level.{name}" for name in list_fields(TurnLevel))},
        "Question": set(list_fields(Question)),
        "Columns of the lists": set(COLUMNS),
    }
    assert page.keys() == expected.keys()
    for title, keys in expected.items():
        assert len(page[title]) == len(set(page[title]))
        assert set(page[title]) == keys, title


def test_columns_are_described_as_in_the_program():
    text = PAGE.read_text("utf-8")
    for name, content in COLUMNS.items():
        assert f"| `{name}` | {content} |" in text
