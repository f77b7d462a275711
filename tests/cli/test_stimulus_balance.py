"""The note of `babble stimuli` on what so few items do not balance."""

import pytest

from babble_jax.cli.stimulus_balance import describe_balance
from babble_jax.stimuli.lists import assign_factors, list_constant
from babble_jax.stimuli.spec_reading import read_spec

CHANNELS = [{"speaker": "A", "voice": "chip"}, {"speaker": "B", "voice": "droid"}]
CATCH = {"catch": True, "starts": "B", "channels": CHANNELS[::-1]}
STIMULI = [CATCH, {"catch": False, "starts": "A", "channels": CHANNELS}]


def describe(folder, items, factors=None, stimuli=STIMULI):
    """Describes the balance of items in four conditions."""
    lines = [f"items = {items}", "turns = 2", "gap = [0.0, 0.2, 0.4, 0.6]"]
    lines += [] if factors is None else [f"counterbalance = {factors}"]
    (folder / "spec.toml").write_text("\n".join(lines))
    spec = read_spec(folder / "spec.toml")
    constant = list_constant(assign_factors(items, 4, spec.balanced), spec.balanced)
    return describe_balance(spec, {"counterbalanced": {"constant": constant}, "stimuli": stimuli})


@pytest.mark.parametrize(
    ("items", "factors", "text"),
    [
        (
            4,
            None,
            "start, channel and voice do not vary with 4 items: A always begins, is always on the first channel and "
            "always has the voice chip; they are",
        ),
        (
            8,
            None,
            "start and channel do not vary with 8 items: A always begins and is always on the first channel; "
            "start, channel and voice are",
        ),
        (24, None, "start, channel and voice vary, but are balanced in part only with 24 items;"),
        (4, ["start"], "start does not vary with 4 items: A always begins; it is"),
        (12, ["start"], "start varies, but is balanced in part only with 12 items;"),
    ],
)
def test_what_does_not_vary_is_said_with_what_it_always_is(tmp_path, items, factors, text):
    multiple = 32 if factors is None else 8
    expected = f"note: {text} balanced completely with a multiple of {multiple} items"
    assert describe(tmp_path, items, factors) == expected


def test_replays_of_other_speakers_name_none(tmp_path):
    other = [{"speaker": "ann", "voice": "chip"}, {"speaker": "ben", "voice": "droid"}]
    for more in ({"starts": "ann", "channels": other}, {"starts": "B", "channels": CHANNELS[::-1]}):
        text = describe(tmp_path, 4, ["start"], [*STIMULI, {"catch": False, **more}])
        assert "with 4 items: the first speaker always begins; it is" in text
