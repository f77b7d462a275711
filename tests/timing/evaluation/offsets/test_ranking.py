"""Fits, their report and picture; models and presets in files. Axes: M offsets."""

import dataclasses
import json
import re

import jax
import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_picture import plot_offsets
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.preset import TimingPreset, load_timing, fit_timing, timing_names
from babble_jax.timing.splits import in_train

QUICK = ("normal", "logistic", "johnson_su")


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Ten hours drawn from the shipped floor: a corpus that needs no file."""
    floor = load_timing("switchboard").floor
    assert floor is not None
    return [floor.sample(seed, 600.0) for seed in range(60)]


@pytest.fixture(scope="module")
def preset(dialogues) -> TimingPreset:
    with pytest.MonkeyPatch.context() as patch:  # two families compile in a fraction of the time of all
        patch.setattr("babble_jax.timing.preset.PARAMETRIC", (FAMILIES["normal"], FAMILIES["johnson_su"]))
        return fit_timing(dialogues, "simulated", source="drawn", licence="none")


def test_report(dialogues):
    report = fit(dialogues, "ipu", families=QUICK)
    train = [dialogue for dialogue in dialogues if in_train(dialogue.group)]
    found = events.offsets(train, "ipu", events.Definitions()).value
    assert report.train.conversations == len(train)
    assert report.train.offsets == len(found)
    assert report.train.conversations + report.heldout.conversations == len(dialogues)
    printed = report.to_json()
    assert list(printed) == [
        *("level", "by", "train", "heldout", "heldout_groups", "speakers", "tails", "interval_censored"),
        "families",
    ]
    assert printed["train"] == {"conversations": len(train), "offsets": len(found)}
    scores = ["name", "heldout_nats", "interval", "difference", "crps", "ks", "w1_ms", "tails", "parameters"]
    assert [list(one) for one in printed["families"]] == [scores] * 3
    assert {one["name"] for one in printed["families"]} == set(QUICK)
    nats = [one["heldout_nats"] for one in printed["families"]]
    assert nats == sorted(nats, reverse=True)
    assert printed["families"][0]["name"] == "johnson_su"
    normal = next(one for one in printed["families"] if one["name"] == "normal")
    assert normal["parameters"] == {"loc": np.mean(found), "scale": np.std(found)}
    json.dumps(printed, allow_nan=False)
    assert printed["heldout_groups"] == len(dialogues) - len(train)
    assert "channels or roles" in printed["speakers"]
    best, *others = printed["families"]
    assert best["difference"] == {"value": 0, "low": 0, "high": 0}
    for one in others:
        gap = one["difference"]
        assert gap["value"] == pytest.approx(one["heldout_nats"] - best["heldout_nats"], abs=1e-12)
        assert gap["low"] <= gap["value"] <= gap["high"]
        # pairing pays: the interval of the difference is shorter than that of the score
        assert gap["high"] - gap["low"] < one["interval"][1] - one["interval"][0]
    assert set(printed["tails"]) == set(best["tails"])
    text = report_text(report)
    assert all(name in text for name in QUICK)
    assert f"over {printed['heldout_groups']} held-out groups" in text
    assert max(map(len, text.splitlines()[:-1])) <= 110


def test_coarse_times_are_fitted_and_scored_as_cells(dialogues):
    """The same calls, told to be on a grid of 10 ms: nearly the same law, and the report says so."""
    coarse = [dataclasses.replace(dialogue, time_resolution=0.01) for dialogue in dialogues]
    one, two = (fit(some, "ipu", families=["johnson_su"]) for some in (dialogues, coarse))
    assert (one.to_json()["interval_censored"], two.to_json()["interval_censored"]) == (False, True)
    assert "coarse grid" in report_text(two)
    exact, cell = one.families[0], two.families[0]
    assert exact.heldout_nats != cell.heldout_nats
    assert exact.heldout_nats == pytest.approx(cell.heldout_nats, abs=0.005)
    for key, value in exact.params.items():
        assert cell.params[key] == pytest.approx(value, abs=0.02)


def test_heldout_offsets_do_not_reach_the_fit(dialogues):
    """Moving a held-out conversation changes the scores and no parameter."""
    index = next(i for i, dialogue in enumerate(dialogues) if not in_train(dialogue.group))
    changed = list(dialogues)
    changed[index] = dataclasses.replace(dialogues[(index + 1) % 60], group=dialogues[index].group)
    one, two = (fit(some, "ipu", families=["normal"]).families[0] for some in (dialogues, changed))
    assert one.params == two.params
    assert one.heldout_nats != two.heldout_nats


def test_level_and_definitions_count(dialogues):
    ipu, turn = (fit(dialogues, fto_level, families=["normal"]) for fto_level in ("ipu", "turn"))
    assert turn.train.offsets < ipu.train.offsets
    merged = fit(dialogues, "ipu", events.Definitions(merge=0.5), families=["normal"])
    assert merged.train.offsets < ipu.train.offsets


def test_a_fit_needs_enough(dialogues):
    monologue = dataclasses.replace(
        dialogues[0], speakers=("A",), speaker=np.zeros_like(dialogues[0].speaker)
    )
    with pytest.raises(BabbleError, match="No floor transfer"):
        fit([monologue])
    with pytest.raises(BabbleError, match="No floor transfer at level 'turn' in 0"):
        fit([], "turn")
    with pytest.raises(BabbleError, match="All 1 conversations"):
        fit(dialogues[:1])
    with pytest.raises(BabbleError, match="no family 'cauchy'"):
        fit(dialogues, families=["cauchy"])
    quiet = [dataclasses.replace(monologue, group=one.group) for one in dialogues if not in_train(one.group)]
    with pytest.raises(BabbleError, match="held-out conversations have no"):
        fit([*(one for one in dialogues if in_train(one.group)), *quiet])


def test_picture(tmp_path, dialogues):
    values = events.offsets(dialogues, "ipu", events.Definitions()).value
    path = tmp_path / "new" / "offsets.png"
    plot_offsets(path, values, {"normal": FAMILIES["normal"].fit(values)})
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 5000
    empty = tmp_path / "empty.png"
    plot_offsets(empty, np.zeros(0), {})
    assert empty.stat().st_size < path.stat().st_size


def test_preset_fits_both_levels_and_the_floor(preset, dialogues):
    assert set(preset.models) == {"ipu", "turn"}
    for fto_level, model in preset.models.items():
        assert model.fto_level == fto_level
        assert model.card.offsets == len(events.offsets(dialogues, fto_level, model.definitions))
        assert 0 < model.card.heldout_offsets < model.card.offsets
        assert (model.card.source, model.card.licence) == ("drawn", "none")
        assert model.card.conversations == 60
    assert preset.floor is not None
    assert preset.floor.conversations == 60
    assert preset.reference == events.events(dialogues, events.Definitions())


def test_preset_of_coarse_times_is_fitted_to_cells(dialogues, monkeypatch):
    """As the table is; on a grid of 0.2 s the offsets as they stand would have a wider law."""
    monkeypatch.setattr("babble_jax.timing.preset.PARAMETRIC", (FAMILIES["normal"],))
    coarse = [dataclasses.replace(dialogue, time_resolution=0.2) for dialogue in dialogues[:30]]
    y = events.offsets(coarse, "ipu", events.Definitions()).value
    model = fit_timing(coarse, "coarse").models["ipu"]
    assert model.parameters["scale"] < np.std(y) - 1e-3
    assert model.parameters["scale"] == pytest.approx(np.sqrt(np.var(y) - 0.2**2 / 12), rel=0.01)


def test_preset_round_trip(tmp_path, preset):
    path = tmp_path / "own.json"
    preset.save(path)
    assert load_timing(path) == preset
    assert load_timing(str(path)).to_json() == preset.to_json()
    assert path.stat().st_size < 50_000
    assert max(map(len, path.read_text().splitlines())) < 1000


def test_a_preset_without_a_dyad_has_no_floor(dialogues, monkeypatch):
    monkeypatch.setattr("babble_jax.timing.preset.PARAMETRIC", (FAMILIES["normal"],))
    meetings = [dataclasses.replace(dialogue, speakers=("A", "B", "C")) for dialogue in dialogues]
    preset = fit_timing(meetings, "meetings")
    assert preset.floor is None
    assert preset.models["ipu"].family == "normal"
    assert TimingPreset.from_json(preset.to_json()) == preset


def test_shipped_preset():
    assert "switchboard" in timing_names()
    preset = load_timing("switchboard")
    assert preset.models["ipu"].card.heldout_nats == pytest.approx(-0.59, abs=0.03)
    assert preset.models["turn"].card.heldout_nats == pytest.approx(-0.76, abs=0.03)
    assert preset.reference["per_minute"]["ipu"] == pytest.approx(28.3, rel=0.02)
    assert float(preset.models["ipu"].cdf(0.0)) == pytest.approx(
        preset.reference["fto"]["below_zero"], abs=0.02
    )


def test_model_methods_are_the_familys(preset):
    model = preset.models["ipu"]
    family, y = FAMILIES[model.family], np.array([-1.0, 0.0, 0.3])
    np.testing.assert_array_equal(model.log_prob(y), family.log_prob(model.params, y))
    np.testing.assert_array_equal(model.cdf(y), family.cdf(model.params, y))
    drawn = model.sample(jax.random.key(0), (4,))
    np.testing.assert_array_equal(drawn, family.sample(model.params, jax.random.key(0), (4,)))


@pytest.mark.parametrize("name", ["normal", "kde"])
def test_model_json_with_numbers_and_lists(name, preset):
    y = np.random.default_rng(0).normal(0, 0.5, 200)
    params = FAMILIES[name].fit(y)
    model = dataclasses.replace(
        preset.models["ipu"], family=name, parameters={key: value.tolist() for key, value in params.items()}
    )
    back = TimingModel.from_json(json.loads(json.dumps(model.to_json())))
    assert back == model
    for key, value in params.items():
        np.testing.assert_array_equal(back.params[key], value)


def test_unknown_preset_lists_those_there_are(tmp_path):
    with pytest.raises(BabbleError, match=r"'swichboard'; the presets are .*switchboard"):
        load_timing("swichboard")
    with pytest.raises(BabbleError, match="presets are"):
        load_timing(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n  nope", "line 2: no valid JSON"),
        ("", "no valid JSON"),
        ("[1]", "no timing preset"),
        ("{}", "required"),
        ('{"surprise": 1}', "no field 'surprise'"),
    ],
)
def test_broken_files_are_told_in_one_sentence(tmp_path, text, message):
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
        (("floor", "pause"), [], "pause must be"),
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
