"""The reference figures of Switchboard; skipped where BABBLE_CORPORA is unset. Axes: M offsets."""

import pytest

from babble_jax.conversation.reading import read
from babble_jax.timing import events
from babble_jax.timing.evaluation.floor.chain import fit_chain
from babble_jax.timing.evaluation.offsets.ranking import fit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def switchboard(corpora):
    return read(corpora / "switchboard-ms98").conversations


def scores(report) -> dict[str, float]:
    return {family.name: family.heldout_nats for family in report.families}


def test_ipu_level(switchboard):
    report = fit(switchboard, "ipu")
    assert report.train.offsets + report.heldout.offsets == pytest.approx(176_087, rel=0.002)
    assert report.heldout.conversations == pytest.approx(0.2 * len(switchboard), rel=0.1)
    nats = scores(report)
    assert best_parametric(report) in ("johnson_su_mixture", "gaussian_mixture")
    assert nats["johnson_su"] == pytest.approx(-0.59, abs=0.03)
    # 12 random splits spread by 0.014: three of them, since one split by hash is one draw
    assert nats["normal"] == pytest.approx(-0.73, abs=0.042)
    assert nats["gaussian_mixture"] > nats["student_t"] - 0.002
    assert nats["johnson_su"] > nats["student_t"] > nats["logistic"] > nats["normal"] + 0.1


def best_parametric(report) -> str:
    """The best family that a preset can hold, which no family of the table is significantly better than."""
    best = next(family for family in report.families if family.name != "kde")
    assert best.difference.high >= 0
    return best.name


def test_turn_level(switchboard):
    report = fit(switchboard, "turn")
    nats = scores(report)
    assert best_parametric(report) in ("johnson_su_mixture", "gaussian_mixture")
    assert nats["johnson_su"] == pytest.approx(-0.76, abs=0.03)
    assert nats["normal"] == pytest.approx(-0.88, abs=0.042)
    assert nats["johnson_su"] > nats["logistic"] > nats["normal"] + 0.1


def test_simulated_dialogues_are_like_the_calls(switchboard):
    """Fifty hours: every rate and total within 10 %, and the offsets' median, spread and shares."""
    floor = fit_chain(switchboard)
    real = events.events(switchboard, events.Definitions())
    simulated = events.events([floor.sample(seed, 600.0) for seed in range(300)], events.Definitions())
    for table in ("per_minute", "seconds_per_minute"):
        for kind, value in real[table].items():
            assert simulated[table][kind] == pytest.approx(value, rel=0.1), (table, kind)
    assert simulated["fto"]["median"] == pytest.approx(real["fto"]["median"], abs=0.015)
    assert simulated["fto"]["sd"] == pytest.approx(real["fto"]["sd"], rel=0.1)
    assert simulated["fto"]["below_zero"] == pytest.approx(real["fto"]["below_zero"], abs=0.02)
    assert simulated["fto"]["below_200ms"] == pytest.approx(real["fto"]["below_200ms"], abs=0.02)
