"""The presets that ship, listed."""

import json

import pytest

from babble_jax.timing.catalogue import list_presets, preset_card, presets_text
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


@pytest.mark.parametrize("name", timing_names())
def test_the_cards_hold_what_the_distributions_give(name):
    for model in load_timing(name).models.values():
        card = {"median": model.card.median, "below_zero": model.card.below_zero}
        assert card == pytest.approx(model.summarize(), abs=1e-9)


def test_a_preset_without_stored_medians_has_the_same_card():
    values = load_timing("switchboard").to_json()
    stored = preset_card(values)
    for name in ("median", "below_zero"):
        del values["models"]["turn"]["card"][name]
    computed = preset_card(values)
    for level in stored["levels"]:
        assert computed["levels"][level] == pytest.approx(stored["levels"][level], abs=1e-9)
