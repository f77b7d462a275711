"""Drawn pieces: their range, the typical one of them, and pooled hours."""

import numpy as np
import pytest

from babble_jax.conversation.reading import read
from babble_jax.dialogue import pieces as module
from babble_jax.dialogue.event_table import ROWS, event_values
from babble_jax.dialogue.pieces import Pieces, draw_pieces, draw_typical, pool_hours
from babble_jax.dialogue.plan import draw_plan
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, count_events
from babble_jax.timing.floor.scene import cut_scene
from babble_jax.timing.manipulation.dialogue import cut_excerpt
from babble_jax.timing.preset import load_timing, timing_names
from tests.dialogue import simulated
from tests.dialogue.few_pieces import few_pieces  # noqa: F401

PRESET = simulated.preset()
AFFORDABLE = module._affordable  # before the fixture


def test_a_range_holds_nine_tenths_of_the_pieces_and_is_drawn_once():
    pieces = draw_pieces(PRESET, 20.0)
    assert pieces is draw_pieces(PRESET, 20.0)
    assert pieces.values.shape == (12, len(ROWS))
    assert len(pieces.ftos) == 12
    low, high = (event_values(pieces.quantile(q)) for q in (module.LOWER, module.UPPER))
    for beyond in (pieces.values < low, pieces.values > high):
        assert (beyond.sum(axis=0) <= 1).all()
    assert pieces.quantile(0.5)["fto"]["n"] == np.median([len(fto) for fto in pieces.ftos])


def test_rows_without_a_value_are_none():
    pieces = Pieces(5.0, np.full((3, len(ROWS)), np.nan), (np.zeros(0),) * 3)
    assert pieces.quantile(0.5)["fto"]["median"] is None


def test_the_typical_dialogue_is_nearer_to_the_average_and_one_of_those_drawn():
    dialogue, index, number = draw_typical(PRESET, 5, 12, 20.0)
    assert number == 12
    others = PRESET.draw_dialogues(5, 12, 20.0)
    assert np.array_equal(dialogue.onset, others[index].onset)
    values = np.array([event_values(count_events([one], Definitions())) for one in others])
    values = np.where(np.isfinite(values), values, np.nanmean(values, axis=0))
    values = (values - values.mean(0)) / values.std(0)
    distances = np.linalg.norm(values[:, None] - values, axis=-1).sum(1)
    assert index == np.argmin(distances)


def test_one_dialogue_is_the_first_and_of_none_that_speaks_the_first_too():
    assert draw_typical(PRESET, 5, 1, 20.0)[1:] == (0, 1)
    assert draw_typical(PRESET, 5, 10, 0.1)[1:] == (0, 10)
    plan = draw_plan(PRESET, 20.0, 4)
    assert "typical" not in plan.record
    assert draw_plan(PRESET, 20.0, 4, typical=10).record["typical"]["drawn"] == 10
    for typical in (0, -1, 10**6):
        with pytest.raises(BabbleError, match=r"^typical is"):
            draw_plan(PRESET, 20.0, 4, typical=typical)


def test_fewer_long_dialogues_are_drawn():
    assert AFFORDABLE(60.0) == 2000
    assert AFFORDABLE(36_000.0) == 9


def test_hours_are_pooled():
    summary = pool_hours(PRESET, 0.5, 3)
    assert summary["hours"] == pytest.approx(0.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", timing_names())
def test_a_hundred_drawn_hours_of_each_shipped_preset_are_those_of_people(name):
    preset = load_timing(name)
    pooled, people = event_values(pool_hours(preset, 100.0, 0)), event_values(preset.reference)
    off = dict(zip(ROWS, np.abs(pooled[:12] / people[:12] - 1), strict=False))
    # Its groups of people leave 12 % below to 13 % above open, and some of its meetings are not of four.
    if name == "ami":
        assert off.pop(("seconds_per_minute", "pause")) < 0.15
    assert max(off.values()) < 0.1
    assert abs(pooled[12] - people[12]) < 0.02


@pytest.mark.slow
def test_a_typical_minute_lies_within_the_range(monkeypatch):
    monkeypatch.setattr(module, "_affordable", AFFORDABLE)
    monkeypatch.setattr(module, "CHUNK", 100)
    preset = load_timing("switchboard")
    pieces = draw_pieces(preset, 60.0)
    low, high = np.nanquantile(pieces.values, (0.05, 0.95), axis=0)
    for seed in range(3):
        plan = draw_plan(preset, 60.0, seed, typical=200)
        values = event_values(count_events([plan.dialogue], plan.definitions))
        assert ((values >= low) & (values <= high)).all()


@pytest.mark.slow
def test_the_range_of_a_minute_holds_most_pieces_of_real_calls(corpora, monkeypatch):
    monkeypatch.setattr(module, "_affordable", AFFORDABLE)
    monkeypatch.setattr(module, "CHUNK", 100)
    preset = load_timing("switchboard")
    low, high = np.nanquantile(draw_pieces(preset, 60.0).values, (0.05, 0.95), axis=0)
    draws = np.random.default_rng(0)
    calls = read(corpora / "switchboard-ms98").conversations
    real = []
    for call in [calls[index] for index in draws.permutation(len(calls))]:
        begin, end = call.windows[0, 0] + 30, call.windows[-1, 1] - 140
        if end - begin > 30 and len(real) < 400:
            stretch, _ = cut_excerpt(call, preset.definitions, float(draws.uniform(begin, end)), 100.0)
            real.append(event_values(count_events([cut_scene(stretch, 60.0)], preset.definitions)))
    real = np.ma.masked_invalid(real)
    inside = np.asarray(((real >= low) & (real <= high)).mean(axis=0))
    assert len(real) == 400
    assert inside.min() > 0.78
    assert np.median(inside) > 0.87
