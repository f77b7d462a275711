"""Timing presets: their fit and their files. Axes: M offsets."""

import dataclasses
import functools
import json
import re

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.evaluation.comparison import SIMULATED
from babble_jax.timing.fitting import fit_timing
from babble_jax.timing.floor.fit import fit_floor, fit_hazards
from babble_jax.timing.preset import TimingPreset, load_timing, timing_names
from tests.timing.chain import switchboard_chain


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Ten hours drawn from a chain of IPUs: a corpus that needs no file."""
    return [switchboard_chain().sample(seed, 600.0) for seed in range(60)]


@pytest.fixture(scope="module")
def preset(dialogues) -> TimingPreset:
    with pytest.MonkeyPatch.context() as patch:  # two families compile in a fraction of the time of all
        patch.setattr("babble_jax.timing.fitting.PARAMETRIC", (FAMILIES["normal"], FAMILIES["johnson_su"]))
        patch.setattr("babble_jax.timing.floor.calibrate.HOURS", (0.5, 0.5))
        patch.setattr("babble_jax.timing.floor.match_events.TRIALS", 1)
        patch.setattr("babble_jax.timing.floor.fit.fit_floor", functools.partial(fit_floor, steps=100))
        patch.setattr("babble_jax.timing.floor.fit.fit_hazards", functools.partial(fit_hazards, rounds=2))
        return fit_timing(dialogues, "simulated", source="drawn", licence="none")


def test_preset_fits_both_levels_and_the_floor(preset, dialogues):
    assert set(preset.models) == {"ipu", "turn"}
    for fto_level, model in preset.models.items():
        assert model.fto_level == fto_level
        assert model.card.offsets == len(events.pool_ftos(dialogues, fto_level, model.definitions))
        assert 0 < model.card.heldout_offsets < model.card.offsets
        assert (model.card.source, model.card.licence) == ("drawn", "none")
        assert model.card.conversations == 60
        assert {"median": model.card.median, "below_zero": model.card.below_zero} == model.summarize()
    assert preset.floor is not None
    assert (preset.floor.card.conversations, preset.floor.card.speakers) == (60, 2)
    assert preset.floor.card.heldout_nats == pytest.approx(-5, abs=2)
    assert preset.definitions == preset.floor.definitions
    assert set(preset.reference) == {"conversations", "hours", "per_minute", "seconds_per_minute", "fto"}
    assert preset.reference.items() <= events.events(dialogues, events.Definitions()).items()


def test_preset_of_coarse_times_is_fitted_to_bins(dialogues, monkeypatch):
    """As the ranking is; taken as exact, offsets timed to 0.2 s would have a wider distribution."""
    monkeypatch.setattr("babble_jax.timing.fitting.PARAMETRIC", (FAMILIES["normal"],))
    coarse = [dataclasses.replace(dialogue, time_resolution=0.2) for dialogue in dialogues[:30]]
    y = events.pool_ftos(coarse, "ipu", events.Definitions()).fto
    model = fit_timing(coarse, "coarse", floor=False).models["ipu"]
    assert model.parameters["scale"] < np.std(y) - 1e-3
    assert model.parameters["scale"] == pytest.approx(np.sqrt(np.var(y) - 0.2**2 / 12), rel=0.01)


def test_preset_round_trip(tmp_path, preset):
    path = tmp_path / "own.json"
    preset.save(path)
    assert load_timing(path) == preset
    assert load_timing(str(path)).to_json() == preset.to_json()
    assert path.stat().st_size < 100_000
    dataclasses.replace(preset, floor=None, policies=None).save(path)
    assert max(map(len, path.read_text().splitlines())) < 1000


def test_a_preset_of_few_events_has_no_floor(dialogues, monkeypatch):
    monkeypatch.setattr("babble_jax.timing.fitting.PARAMETRIC", (FAMILIES["normal"],))
    few = [dataclasses.replace(dialogues[0], group=str(number)) for number in range(3)]
    preset = fit_timing(few, "few")
    assert preset.floor is None
    assert preset.models["ipu"].family == "normal"
    assert TimingPreset.from_json(preset.to_json()) == preset
    with pytest.raises(BabbleError, match=r"few holds no floor.*babble fit --out"):
        preset.draw_dialogues(0, 1, 30.0)


def test_a_floor_draws_as_many_speakers_as_its_corpus_has():
    meetings = load_timing("ami")
    assert len(meetings.draw_dialogues(0, 1, 60.0)[0].speakers) == 4
    with pytest.raises(BabbleError, match="ami was fitted on conversations of 4 speakers, not of 2"):
        meetings.require_floor(speakers=2)


def test_shipped_preset():
    assert "switchboard" in timing_names()
    preset = load_timing("switchboard")
    assert preset.models["ipu"].card.heldout_nats == pytest.approx(-0.59, abs=0.03)
    assert preset.models["turn"].card.heldout_nats == pytest.approx(-0.76, abs=0.03)
    assert preset.reference["per_minute"]["ipu"] == pytest.approx(28.3, rel=0.02)
    assert float(preset.models["ipu"].cdf(0.0)) == pytest.approx(
        preset.reference["fto"]["below_zero"], abs=0.02
    )


def test_ten_hours_of_dialogues_are_the_same_every_time():
    preset = load_timing("switchboard")
    dialogues, again = (preset.draw_dialogues(0, *SIMULATED) for _ in range(2))
    assert sum(dialogue.seconds for dialogue in dialogues) == 36_000
    np.testing.assert_array_equal(dialogues[7].onset, again[7].onset)


def test_a_preset_without_a_floor_draws_no_dialogue():
    preset = dataclasses.replace(load_timing("switchboard"), floor=None, policies=None)
    with pytest.raises(BabbleError, match="switchboard holds no floor"):
        preset.draw_dialogues(0, 1, 60.0)


def test_unknown_preset_lists_those_there_are(tmp_path):
    with pytest.raises(
        BabbleError,
        match=r"'swichboard', perhaps you meant switchboard; the presets are ami, .*switchboard\.",
    ):
        load_timing("swichboard")
    with pytest.raises(BabbleError, match=f"'{tmp_path}'; the presets are"):
        load_timing(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n  nope", "line 2: is no JSON"),
        ("", "is no JSON"),
        ("[1]", "no timing preset"),
        ("{}", "required"),
        ('{"surprise": 1}', "no field 'surprise'"),
    ],
)
def test_a_broken_file_is_reported_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(BabbleError, match=message) as error:
        load_timing(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "broken.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BabbleError, match=re.escape(str(path))):
        load_timing(path)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("models", "ipu", "family"), "cauchy", "no family 'cauchy'"),
        (("models", "ipu", "parameters"), {"loc": 0.0}, "takes the parameters"),
        (("models", "ipu", "fto_level"), "word", "fto_level"),
        (("models", "ipu", "definitions", "version"), 2, "version 2"),
        (("models",), {}, "at least one model"),
        (("floor", "mean"), [], "mean must be"),
        (("definitions", "merge"), 0.3, "fitted under other definitions"),
        (("reference",), {}, "reference lacks"),
    ],
)
def test_presets_that_make_no_sense_are_refused(preset, where, value, message):
    values = json.loads(json.dumps(preset.to_json()))
    inner = values
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    with pytest.raises(BabbleError, match=message) as error:
        TimingPreset.from_json(values, "own.json")
    assert str(error.value).startswith("own.json: ")
