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
        ("references", "festvox", ", perhaps you meant festvox-ru"),
        ("timing", "zebra", ""),
        ("timing", "", ""),
    ],
)
def test_the_nearest_name_is_suggested(kind, name, suggestion):
    assert registry.suggest(kind, name) == suggestion
