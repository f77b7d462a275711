"""The pooled report: gains and their standard errors."""

import json
import subprocess
import sys

import jax
import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.events import Definitions, pool_ftos
from babble_jax.timing.prediction.pooled import fit_pooled
from babble_jax.timing.splits import in_train
from tests.timing.prediction.calls import simulate_calls


@pytest.fixture(autouse=True)
def _numpyro_broadcasts():
    """NumPyro promotes ranks inside its distributions."""
    with jax.numpy_rank_promotion("allow"):
        yield


@pytest.fixture(scope="module")
def calls() -> list[Conversation]:
    return simulate_calls(40)


@pytest.mark.slow
def test_pooled_report(calls):
    """Calls without dyads: nothing to gain, and little lost."""
    report = fit_pooled(calls, "ipu", steps=200)
    ftos = pool_ftos(calls, "ipu", Definitions())
    train = np.array([in_train(group) for group in ftos.group])[ftos.conversation]
    printed = report.to_json()
    json.dumps(printed, allow_nan=False)
    assert printed["offsets"] == np.count_nonzero(~train)
    assert report.predictor.card.offsets == np.count_nonzero(train)
    assert printed["gain"] == pytest.approx(printed["heldout_nats"] - printed["unconditional_nats"], abs=1e-9)
    assert sum(part["offsets"] for part in printed["by_index"].values()) == printed["offsets"]
    assert -0.02 < printed["gain"] < 0.02
    assert report.predictor.population.dyad_loc < 0.06


def test_a_fit_needs_both_sides(calls):
    with pytest.raises(BabbleError, match="of 1 group was given"):
        fit_pooled(calls[:1], "ipu")


@pytest.mark.slow
@pytest.mark.parametrize(("fto_level", "least"), [("ipu", 0.04), ("turn", 0.035)])
def test_gain_on_switchboard(corpora, fto_level, least):
    report = fit_pooled(read(corpora / "switchboard-ms98").conversations, fto_level)
    assert report.predictor.card.log_score_gain > least
    assert report.predictor.card.se < 0.005
    assert report.by_index["1-5"].value > 0
    assert report.by_index["over 80"].value > report.by_index["1-5"].value


@pytest.mark.slow
def test_the_command_prints_the_gain(corpora):
    """Many speakers, and one object on standard output."""
    code = "from babble_jax.cli import main; main()"
    command = [sys.executable, "-c", code, "fit", str(corpora / "ami"), "--pooled", "--json"]
    command += ["--families", "johnson_su"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    pooled = json.loads(run.stdout)["pooled"]
    assert {"heldout_nats", "gain", "se", "by_index"} <= pooled.keys()
