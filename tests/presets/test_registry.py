"""Look-up of what ships by name."""

import re
from pathlib import Path

import pytest

from babble_jax.presets import registry

ROOT = Path(__file__).resolve().parents[2]
_SPACE = r"(?:[\s#\",]|\\n)+"  # within a paragraph, a comment or a cell of a notebook
ONLY_VOICE = re.compile(
    rf"\bthe{_SPACE}(?:shipped{_SPACE}voice|voice{_SPACE}(?:that|which){_SPACE}ships)\b", re.IGNORECASE
)
"""A voice that is spoken of as if no other shipped."""


@pytest.mark.parametrize(
    ("kind", "name", "suggestion"),
    [
        ("timing", "switchbord", ", perhaps you meant switchboard"),
        ("timing", "SWITCHBOARD", ", perhaps you meant switchboard"),
        ("timing", "folder/switchboard.json", ", perhaps you meant switchboard"),
        ("timing", "callhome-germn", ", perhaps you meant callhome-german"),
        ("voices", "babbler", ", perhaps you meant babblers"),
        ("voices", "sax", ", perhaps you meant the speaker sax of the voice other-sounds"),
        ("voices", "languages/dutch", ", perhaps you meant the speaker dutch of the voice languages"),
        ("timing", "sax", ""),
        ("references", "festvox", ", perhaps you meant festvox-ru"),
        ("timing", "zebra", ""),
        ("timing", "", ""),
    ],
)
def test_the_nearest_name_is_suggested(kind, name, suggestion):
    assert registry.suggest(kind, name) == suggestion


def test_the_voice_of_a_speaker_is_named():
    assert registry.list_voices_with("woman") == ["babblers"]
    assert registry.list_voices_with("ru") == []
    assert registry.suggest_voice("piano") == "; the voice other-sounds has a speaker of that name"
    assert registry.suggest_voice("robot") == ""


def test_no_text_speaks_of_a_voice_as_if_it_were_the_only_one():
    assert len(registry.names("voices")) > 1
    assert registry.DEFAULT_VOICE in registry.names("voices")
    texts = [
        path
        for folder in ("babble_jax", "colab", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md", ".ipynb", ".html", ".js")
    ]
    assert len(texts) > 500
    assert [path.name for path in texts if ONLY_VOICE.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "The shipped voice",
        "of the voice\n# that ships",
        'the voice that\\n",\n "ships',
        "the voice which ships",
    ],
)
def test_such_a_text_is_seen(text):
    assert ONLY_VOICE.search(text)
    assert not ONLY_VOICE.search(
        "a voice that ships, the shipped voices, the voices that ship, the voice of ships"
    )
