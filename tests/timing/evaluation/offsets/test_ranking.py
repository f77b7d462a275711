"""Rankings of families on held-out offsets. Axes: M offsets."""

import dataclasses
import json

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.splits import in_train
from tests.timing.chain import switchboard_chain

QUICK = ("normal", "logistic", "johnson_su")


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Ten hours drawn from a chain of IPUs: a corpus that needs no file."""
    return [switchboard_chain().sample(seed, 600.0) for seed in range(60)]


def test_report(dialogues):
    report = fit(dialogues, "ipu", families=QUICK)
    train = [dialogue for dialogue in dialogues if in_train(dialogue.group)]
    fto = events.pool_ftos(train, "ipu", events.Definitions()).fto
    assert report.train.conversations == len(train)
    assert report.train.offsets == len(fto)
    assert report.train.conversations + report.heldout.conversations == len(dialogues)
    printed = report.to_json()
    assert list(printed) == [
        *(
            "level",
            "by",
            "folds",
            "train",
            "heldout",
            "heldout_groups",
            "speakers",
            "tails",
            "interval_censored",
        ),
        "families",
    ]
    assert printed["train"] == {"conversations": len(train), "offsets": len(fto)}
    scores = ["name", "heldout_nats", "interval", "difference", "crps", "ks", "w1_ms", "tails", "parameters"]
    assert [list(one) for one in printed["families"]] == [scores] * 3
    assert {one["name"] for one in printed["families"]} == set(QUICK)
    nats = [one["heldout_nats"] for one in printed["families"]]
    assert nats == sorted(nats, reverse=True)
    assert printed["families"][0]["name"] == "johnson_su"
    normal = next(one for one in printed["families"] if one["name"] == "normal")
    assert normal["parameters"] == {"loc": np.mean(fto), "scale": np.std(fto)}
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
    assert max(map(len, text.splitlines()[:-1])) <= 100


def test_coarse_times_are_fitted_and_scored_as_bins(dialogues):
    """The same calls, declared to be timed to 10 ms: nearly the same distribution, and the report says so."""
    coarse = [dataclasses.replace(dialogue, time_resolution=0.01) for dialogue in dialogues]
    one, two = (fit(some, "ipu", families=["johnson_su"]) for some in (dialogues, coarse))
    assert (one.to_json()["interval_censored"], two.to_json()["interval_censored"]) == (False, True)
    assert "Times are coarse" in report_text(two)
    exact, binned = one.families[0], two.families[0]
    assert exact.heldout_nats != binned.heldout_nats
    assert exact.heldout_nats == pytest.approx(binned.heldout_nats, abs=0.005)
    for key, value in exact.params.items():
        assert binned.params[key] == pytest.approx(value, abs=0.02)


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
    with pytest.raises(BabbleError, match="but 1 conversation of 1 group was given"):
        fit(dialogues[:1])
    with pytest.raises(BabbleError, match="no family 'cauchy'"):
        fit(dialogues, families=["cauchy"])
    quiet = [dataclasses.replace(monologue, group=one.group) for one in dialogues if not in_train(one.group)]
    with pytest.raises(BabbleError, match="held-out conversations have no"):
        fit([*(one for one in dialogues if in_train(one.group)), *quiet])
