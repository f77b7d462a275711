"""Look-up of what ships by name."""

import pytest

from babble_jax.presets import registry


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
