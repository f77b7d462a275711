"""The presets that ship, listed."""

import json

import pytest

from babble_jax.timing.catalogue import list_presets, presets_text
from babble_jax.timing.preset import load_timing, timing_names


def test_the_catalogue_holds_every_preset_with_its_card():
    rows = list_presets()
    assert [row["name"] for row in rows] == timing_names()
    json.dumps(rows, allow_nan=False)
    (row,) = [row for row in rows if row["name"] == "switchboard"]
    card = load_timing("switchboard").models["ipu"].card
    assert (row["conversations"], row["corpus"], row["licence"]) == (2194, "switchboard", card.licence)
    distribution = row["levels"]["ipu"]
    assert (distribution["offsets"], distribution["heldout_nats"]) == (card.offsets, card.heldout_nats)
    assert distribution["median"] == pytest.approx(
        0.105, abs=0.02
    )  # the distribution's, beside the corpus's 105 ms
    assert distribution["below_zero"] == pytest.approx(0.377, abs=0.02)
    text = presets_text(rows)
    for name in timing_names():
        assert f"{name}: " in text
    assert "2194 conversations, 233.1 h of switchboard" in text
    without = presets_text([{**row, "floor": False, "source": "", "licence": ""}])
    assert "no floor" in without
