"""Other settings of a recorded session: the same ones change nothing, others agree with a real run under them."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.agent.session import rescore as module
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.rescore import recorded_settings, rescore
from babble_jax.agent.session.rescore_text import rescoring_text
from babble_jax.agent.session.stretches import _median, find_stretches
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.preset import load_timing
from tests.agent.session.simulated_session import PRESET, record, simulate


@pytest.fixture
def few(monkeypatch):
    """Lets a short session be enough."""
    monkeypatch.setattr(module, "MIN_EFFECTIVE", 3.0)
    monkeypatch.setattr(module, "MOST_SHARE", 1.0)
    monkeypatch.setattr(module, "DRAWS", 50)


def test_the_same_settings_give_weights_of_one(recorded, few):
    session = read_session(recorded)
    name, knobs = recorded_settings(session)
    rescoring = rescore(session, load_timing(name), knobs)
    assert set(rescoring.weights.tolist()) == {1.0}
    assert rescoring.effective == rescoring.stretches == len(rescoring.weights)
    for row in rescoring.rows:
        assert row.value == row.recorded


def test_patience_makes_the_agent_speak_less(recorded, few):
    session = read_session(recorded)
    rows = {row.name: row for row in rescore(session, load_timing(PRESET), Knobs(patience=1.5)).rows}
    assert rows["ipus_per_minute"].value < rows["ipus_per_minute"].recorded
    assert rows["ipus_per_minute"].low <= rows["ipus_per_minute"].value <= rows["ipus_per_minute"].high


def test_a_rescoring_is_printed_and_plain_json(recorded, few):
    rescoring = rescore(read_session(recorded), load_timing(PRESET), Knobs(firmness=1.2))
    assert "effective number" in rescoring_text(rescoring, "folder")
    values = json.loads(json.dumps(rescoring.to_json(), allow_nan=False))
    assert values["knobs"]["firmness"] == 1.2


def test_a_session_that_is_too_short_for_any_settings_says_so(recorded):
    session = read_session(recorded)
    with pytest.raises(BabbleError, match=r"too short for any settings.*several minutes"):
        rescore(session, load_timing(PRESET), Knobs())


def test_settings_too_far_away_are_refused(recorded, monkeypatch):
    monkeypatch.setattr(module, "MIN_EFFECTIVE", 40.0)
    session = read_session(recorded)
    with pytest.raises(BabbleError, match="says too little about these settings"):
        rescore(session, load_timing(PRESET), Knobs(backchannels=0.1))


@pytest.mark.parametrize("knobs", [Knobs(shift=0.2), Knobs(perturb=(0.0, 0.3))])
def test_a_shift_has_no_weight(recorded, knobs):
    with pytest.raises(BabbleError, match="no weight"):
        rescore(read_session(recorded), load_timing(PRESET), knobs)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("knobs", {"patience": "much"}, "patience"),
        ("knobs", {"zeal": 1}, "holds no knobs"),
        ("control", "time-out", "was a control"),
        ("delay", "late", "no delay"),
        ("seed", -1, "no seed"),
        ("seed", 4, "not those of the player"),
    ],
)
def test_a_config_without_what_is_needed_is_one_sentence(recorded, few, name, value, sentence):
    session = read_session(recorded)
    session = dataclasses.replace(session, config=session.config | {name: value})
    with pytest.raises(BabbleError, match=sentence):
        rescore(session, load_timing(PRESET), Knobs(patience=1.1))


def test_a_config_without_a_timing_preset_is_one_sentence(recorded):
    session = read_session(recorded)
    with pytest.raises(BabbleError, match="names no timing preset"):
        recorded_settings(dataclasses.replace(session, config={}))


def test_stretches_cover_the_session_to_its_last_decision(recorded):
    session = read_session(recorded)
    stretches = find_stretches(session)
    events = session.decisions["event"] > 0
    assert len(stretches.waits) == events.sum()
    assert (np.diff(stretches.waits.astype(int)) != 0).all()
    last = np.flatnonzero(events)[-1]
    assert stretches.seconds.sum() == pytest.approx(last / 100)
    agent = session.conversation.speaker == 1
    assert np.isfinite(stretches.fto).sum() <= agent.sum()
    assert (stretches.cut_ins <= stretches.pauses).all()


def test_the_weighted_median_of_equal_weights_is_the_usual_one():
    random = np.random.default_rng(0)
    for count in (1, 2, 7, 10):
        values = random.normal(size=count)
        assert _median(values, np.full(count, 0.3)) == pytest.approx(np.median(values))
    assert _median(np.array([1.0, 2.0]), np.array([1.0, 3.0])) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "knobs", [Knobs(patience=1.4), Knobs(patience=0.75), Knobs(firmness=1.5), Knobs(backchannels=1.3)]
)
def test_mild_settings_agree_with_a_real_run_under_them(tmp_path, knobs):
    """Half an hour each; of the 95 % intervals of six runs at most a few may miss."""
    timing, inside, count = load_timing(PRESET), 0, 0
    for seed in range(10, 13):
        record(tmp_path / f"{seed}", simulate(1800.0, seed), seed)
        record(tmp_path / f"{seed}real", simulate(1800.0, seed, knobs), seed, knobs)
        guess = rescore(read_session(tmp_path / f"{seed}"), timing, knobs)
        real = rescore(read_session(tmp_path / f"{seed}real"), timing, knobs)
        print(seed, knobs, f"{guess.effective:.0f} of {guess.stretches}")
        for row, true in zip(guess.rows, real.rows, strict=True):
            print(
                f"  {row.name:24} {row.recorded} -> {row.value} [{row.low}, {row.high}], real {true.recorded}"
            )
            if true.low is not None and row.low is not None:
                # Both are estimates: the intervals overlap.
                inside += row.low <= true.high and true.low <= row.high
                count += 1
    assert inside >= 0.9 * count
