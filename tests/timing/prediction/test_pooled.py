"""The hierarchical model, gains and standard errors, the pooled report. Axes: N offsets, C conversations."""

import json
import subprocess
import sys

import jax
import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, offsets
from babble_jax.timing.prediction.hierarchy import POPULATION, Grouped, fit_nuts, fit_svi, population
from babble_jax.timing.prediction.pooled import fit_pooled
from babble_jax.timing.prediction.population import Corpus, Population
from babble_jax.timing.prediction.scoring import by_index, clustered, index_in_call
from babble_jax.timing.preset import load_preset
from babble_jax.timing.splits import in_train

TRUE = Population(
    {"words": Corpus(0.15, 0.35), "utterances": Corpus(-0.1, 0.45)},
    shift=0.2, tail=1.2, dyad_loc=0.12, side_loc=0.08, dyad_log_scale=0.15, side_log_scale=0.22,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _numpyro_broadcasts():
    """NumPyro promotes ranks inside its distributions."""
    with jax.numpy_rank_promotion("allow"):
        yield


def simulated(conversations: int, each: int, seed: int = 0) -> Grouped:
    """Offsets of dyads from the model that `population` describes, half of them of each corpus."""
    draw = np.random.default_rng(seed)
    corpus = (np.arange(conversations) % 2).astype(np.int32)
    shape = (conversations, 1), (conversations, 2)
    m = draw.normal(0, TRUE.dyad_loc, shape[0]) + draw.normal(0, TRUE.side_loc, shape[1])
    log_scale = draw.normal(0, TRUE.dyad_log_scale, shape[0]) + draw.normal(0, TRUE.side_log_scale, shape[1])
    conversation = np.repeat(np.arange(conversations), each).astype(np.int32)
    side = np.tile(np.arange(each) % 2, conversations).astype(np.int32)
    levels = list(TRUE.corpora.values())
    loc = np.array([level.loc for level in levels])[corpus][conversation] + m[conversation, side]
    scale = np.array([level.scale for level in levels])[corpus][conversation]
    scale = scale * np.exp(log_scale[conversation, side])
    z = draw.normal(size=len(conversation))
    value = loc + scale * np.sinh((z - TRUE.shift) / TRUE.tail)
    return Grouped(value, conversation, side, corpus, tuple(TRUE.corpora))


@pytest.mark.slow
def test_svi_recovers_the_population():
    """Within four standard errors, roughly: a spread of n sides is known to 1 / sqrt(2 n) of itself."""
    found = population(data := simulated(300, 40), fit_svi(data))
    for name, level in TRUE.corpora.items():
        assert found.corpora[name].loc == pytest.approx(level.loc, abs=0.04)
        assert found.corpora[name].scale == pytest.approx(level.scale, rel=0.08)
    assert found.shift == pytest.approx(TRUE.shift, abs=0.05)
    assert found.tail == pytest.approx(TRUE.tail, abs=0.05)
    assert found.dyad_loc == pytest.approx(TRUE.dyad_loc, abs=0.02)
    assert found.side_loc == pytest.approx(TRUE.side_loc, abs=0.015)
    assert found.dyad_log_scale == pytest.approx(TRUE.dyad_log_scale, abs=0.05)
    assert found.side_log_scale == pytest.approx(TRUE.side_log_scale, abs=0.03)


@pytest.mark.slow
def test_svi_agrees_with_nuts():
    """Each posterior mean within one standard deviation of the posterior by NUTS: what SVI leaves out is smaller
    than what the data leave open. (At worst 0.5 here, 0.21 on calls of Switchboard.)
    """
    data = simulated(80, 60, seed=1)
    svi, nuts = fit_svi(data), fit_nuts(data)
    for name in POPULATION:
        difference = np.abs(svi[name].mean(axis=0) - nuts[name].mean(axis=0))
        assert (difference < nuts[name].std(axis=0)).all(), name


def test_clustered_errors_by_hand():
    """Two groups: totals of deviations -2 and 2 about 2, so sqrt(8 * 2) / 4 = 1."""
    mean = clustered(np.array([1.0, 1.0, 3.0, 3.0]), np.array([7, 7, 9, 9]))
    assert (mean.value, mean.se, mean.offsets) == (2.0, 1.0, 4)
    assert clustered(np.array([1.0, 2.0]), np.array([3, 3])).se is None
    draw = np.random.default_rng(0).normal(size=500)
    alone = clustered(draw, np.arange(500)).se
    assert alone == pytest.approx(draw.std(ddof=1) / np.sqrt(500))


def test_index_in_call():
    conversation = np.repeat([2, 0, 5], [3, 1, 85])
    assert index_in_call(conversation)[:5].tolist() == [1, 2, 3, 1, 1]
    assert index_in_call(np.zeros(0, int)).tolist() == []
    parts = by_index(np.arange(89.0), conversation, conversation)
    assert {name: part["offsets"] for name, part in parts.items()} == {
        "1-5": 9, "6-20": 15, "21-80": 60, "over 80": 5
    }  # fmt: skip
    assert parts["over 80"]["gain"] == 86.0


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Forty calls of three minutes from the shipped floor, which knows no dyads."""
    floor = load_preset("switchboard").floor
    assert floor is not None
    return [floor.sample(seed, 200.0) for seed in range(40)]


@pytest.mark.slow
def test_pooled_report(dialogues):
    """Calls without dyads: nothing to gain, and little lost."""
    report = fit_pooled(dialogues, "ipu", steps=200)
    found = offsets(dialogues, "ipu", Definitions())
    train = np.array([in_train(group) for group in found.group])[found.conversation]
    printed = report.to_json()
    json.dumps(printed, allow_nan=False)
    assert printed["offsets"] == np.count_nonzero(~train)
    assert report.model.card.offsets == np.count_nonzero(train)
    assert printed["gain"] == pytest.approx(printed["heldout_nats"] - printed["unconditional_nats"], abs=1e-9)
    assert sum(part["offsets"] for part in printed["by_index"].values()) == printed["offsets"]
    assert -0.02 < printed["gain"] < 0.02
    assert report.model.population.dyad_loc < 0.06


def test_a_fit_needs_both_sides(dialogues):
    with pytest.raises(BabbleError, match="of 1 group of people, so that none can be held out"):
        fit_pooled(dialogues[:1], "ipu")


@pytest.mark.slow
@pytest.mark.parametrize(("fto_level", "least"), [("ipu", 0.04), ("turn", 0.035)])
def test_gain_on_switchboard(corpora, fto_level, least):
    report = fit_pooled(read(corpora / "switchboard-ms98").conversations, fto_level)
    assert report.model.card.gain > least
    assert report.model.card.se < 0.005
    assert report.by_index["1-5"]["gain"] > 0
    assert report.by_index["over 80"]["gain"] > report.by_index["1-5"]["gain"]


@pytest.mark.slow
def test_the_command_tells_the_gain(corpora):
    """Many speakers, and one object on standard output."""
    code = "from babble_jax.cli import main; main()"
    command = [sys.executable, "-c", code, "fit", str(corpora / "ami"), "--pooled", "--json"]
    command += ["--families", "johnson_su"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    pooled = json.loads(run.stdout)["pooled"]
    assert {"heldout_nats", "gain", "se", "by_index"} <= pooled.keys()
