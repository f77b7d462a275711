"""The comparison of models with real calls. Axes: D calls."""

import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.floor.baselines import Independent, SemiMarkov
from babble_jax.timing.evaluation.floor.comparison import compare_floor, rows_behind, simulate_by_baseline
from tests.timing.evaluation.floor.calls import CALLS, D


@pytest.fixture(scope="module")
def table():
    def real(seed: int, seconds) -> list[Conversation]:
        return CALLS[:20]

    models = {"real": real, "semi_markov": simulate_by_baseline(SemiMarkov(CALLS[20:], D))}
    return compare_floor(CALLS[:20], CALLS, models, D, replicates=2, resamples=50, halvings=5)


def test_the_real_calls_are_without_error(table):
    for name, row in table["rows"].items():
        assert row["models"]["real"]["error"] == pytest.approx(0, abs=1e-6), name
        assert row["behind"][1] <= 1e-6
        assert row["ceiling"] >= 0
    assert rows_behind(table) == []
    assert table["rows"]["correlation/lag2"]["best"] == "semi_markov"


def test_rows_in_which_a_worse_model_is_behind():
    models = {
        "independent": simulate_by_baseline(Independent(CALLS[20:], D)),
        "semi_markov": simulate_by_baseline(SemiMarkov(CALLS, D)),
    }
    table = compare_floor(CALLS[:20], CALLS, models, D, replicates=1, resamples=50, halvings=2)
    assert {"seconds_per_minute/overlap_between", "occupancy/several", "w1/gap"} <= set(rows_behind(table))
