"""Presets that are fitted alone or shrunk towards another. Axes: C conversations."""

import dataclasses

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.bootstrap import Interval
from babble_jax.timing.fitting import fit_timing, missing_floor, missing_parts, shrink_timing
from babble_jax.timing.pooling.scoring import PoolingScore
from babble_jax.timing.pooling.scoring_text import format_pooling_scores
from babble_jax.timing.preset import TimingPreset, load_timing
from tests.timing.chain import switchboard_chain


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    return [switchboard_chain().sample(seed, 300.0) for seed in range(3)]


@pytest.fixture(scope="module")
def prior() -> TimingPreset:
    return load_timing("switchboard")


def test_what_is_missing_is_known_before_the_work(dialogues):
    missing = missing_parts(dialogues, events.Definitions())
    assert list(missing) == ["floor"]
    short = dataclasses.replace(dialogues[0], windows=np.array([[0.0, 20.0]]))
    assert set(missing_parts([short], events.Definitions())) == {"ipu", "turn", "floor"}
    assert "too few for a distribution" in missing_parts([short], events.Definitions())["turn"]


@pytest.mark.slow
def test_a_small_corpus_is_shrunk(dialogues, prior, tmp_path):
    preset, scores = shrink_timing(dialogues, "small", prior, floor=False, families=["normal"])
    card = preset.models["turn"].card
    assert (card.prior, card.conversations, preset.floor) == ("switchboard", 3, None)
    assert card.heldout_nats == scores[1].nats["shrunk"]
    assert [one.part for one in scores] == ["ipu", "turn"]
    assert all(set(one.gain) == {"prior", "alone"} and one.groups == 3 for one in scores)
    text = format_pooling_scores(scores, "switchboard", 3)
    assert "shrunk towards switchboard: 3 conversations of 3 groups, cross-validated in 3 folds" in text
    assert max(map(len, text.splitlines())) <= 100
    preset.save(tmp_path / "small.json")
    assert load_timing(tmp_path / "small.json") == preset


def test_a_shrunk_floor_that_predicts_worse_is_said_to():
    gain = Interval(-0.2, -0.5, 0.1)
    floor = PoolingScore("floor", 3, 3, {"shrunk": -430.2, "prior": -430.0}, {"prior": gain})
    text = format_pooling_scores([floor], "switchboard", 3)
    assert "The floor predicts held-out groups worse than switchboard as it is.\nThe interval of the" in text
    assert "--no-floor leaves it out" in text
    assert max(map(len, text.splitlines())) <= 100
    better = dataclasses.replace(floor, gain={"prior": Interval(0.2, -0.1, 0.5)})
    assert "worse" not in format_pooling_scores([better], "switchboard", 3)


def test_a_prior_without_spread_is_the_preset(dialogues, prior):
    preset, _ = shrink_timing(dialogues[:1], "small", prior, floor=False, scale=0.0)
    assert {level: model.parameters for level, model in preset.models.items()} == {
        level: model.parameters for level, model in prior.models.items()
    }


def test_what_cannot_be_shrunk_is_refused(dialogues, prior):
    with pytest.raises(BabbleError, match="fitted under other definitions"):
        shrink_timing(dialogues, "small", prior, events.Definitions(merge=0.5))
    with pytest.raises(BabbleError, match="cannot hold kde"):
        shrink_timing(dialogues, "small", prior, families=["kde"])
    with pytest.raises(BabbleError, match="No conversation"):
        shrink_timing([], "small", prior)
    with pytest.raises(BabbleError, match="perhaps you meant switchboard"):
        fit_timing(dialogues, "small", prior="swichboard")
    assert "the floor of ami is of 4" in missing_floor(dialogues, load_timing("ami"))
    assert "holds no floor" in missing_floor(dialogues, dataclasses.replace(prior, floor=None, policies=None))


@pytest.mark.slow
def test_three_conversations_give_a_timing_that_draws_dialogues(dialogues, prior):
    preset, scores = shrink_timing(dialogues, "small", prior)
    assert [one.part for one in scores] == ["ipu", "turn", "floor"]
    assert preset.require_floor().card.prior == "switchboard"
    simulated = preset.draw_dialogues(0, 20, 300.0)
    rate, target = (events.events(some)["per_minute"]["ipu"] for some in (simulated, dialogues))
    assert rate == pytest.approx(target, rel=0.25)
