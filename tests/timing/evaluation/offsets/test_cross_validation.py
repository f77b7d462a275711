"""Cross-validation of families. Axes: M offsets."""

import numpy as np
import pytest
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.cross_validation import cross_validate
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.splits import FOLDS, fold
from tests.timing.chain import switchboard_chain


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Two and a half hours drawn from a chain of IPUs."""
    return [switchboard_chain().sample(seed, 300.0) for seed in range(30)]


def test_cross_validated_scores_are_of_fits_on_the_other_folds(dialogues):
    report = cross_validate(dialogues, "ipu", families=["logistic", "normal"])
    pooled = events.pool_ftos(dialogues, "ipu", events.Definitions())
    which = np.array([fold(group) for group in pooled.group])[pooled.conversation]
    expected = np.zeros(len(pooled))
    for one in np.unique(which):
        y = pooled.fto[which != one]
        expected[which == one] = scipy.stats.norm.logpdf(pooled.fto[which == one], y.mean(), y.std())
    best, normal = report.families
    assert (best.name, normal.name) == ("logistic", "normal")
    assert normal.heldout.value == pytest.approx(expected.mean(), abs=1e-9)
    assert normal.difference.value == pytest.approx(normal.heldout.value - best.heldout.value, abs=1e-12)
    assert normal.difference.low < normal.difference.value < normal.difference.high < 0
    assert (best.difference.low, best.difference.high) == (0, 0)
    printed = report.to_json()
    assert (printed["folds"], printed["groups"], printed["offsets"]) == (FOLDS, 30, len(pooled))
    assert [one["name"] for one in printed["families"]] == ["logistic", "normal"]
    # the last fold is the split of the report
    single = fit(dialogues, "ipu", families=["normal"])
    assert single.families[0].heldout_nats == pytest.approx(expected[which == FOLDS - 1].mean(), abs=1e-9)
    with pytest.raises(BabbleError, match="no family 'cauchy'"):
        cross_validate(dialogues, families=["cauchy"])
