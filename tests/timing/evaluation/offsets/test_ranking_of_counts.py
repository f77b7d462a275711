"""Rankings of a corpus whose offsets are counted, beside those of its offsets one by one."""

import dataclasses

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.offsets import offset_counts, ranking
from babble_jax.timing.evaluation.offsets.offset_counts import BUCKETS, count_offsets
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.events import Definitions, pool_ftos
from babble_jax.timing.splits import in_train
from tests.timing.chain import switchboard_chain

FAMILIES = ["normal", "asymmetric_laplace"]


@pytest.fixture(scope="module")
def corpus() -> list[Conversation]:
    """Two hundred groups, and speakers who have names of their own."""
    return [
        dataclasses.replace(
            switchboard_chain().sample(i, 100.0), id=f"c{i}", group=f"g{i}", speakers=(f"a{i}", f"b{i}")
        )
        for i in range(200)
    ]


def test_counts_are_those_of_the_offsets(corpus, monkeypatch):
    monkeypatch.setattr(offset_counts, "_PENDING", 500)
    pooled, counts = pool_ftos(corpus, "ipu", Definitions()), count_offsets(corpus, "ipu", Definitions())
    train = np.array([in_train(group) for group in pooled.group])[pooled.conversation]
    buckets = np.arange(BUCKETS) < 0.8 * BUCKETS
    for own, some in ((train, buckets), (~train, ~buckets), (train | True, buckets | True)):
        value, resolution, count = counts.bins(some)
        assert count.sum() == own.sum()
        assert set(resolution) == set(pooled.time_resolution)
        np.testing.assert_allclose(
            np.repeat(value, count), np.sort(pooled.fto[own]), atol=0.0005 + 1e-9, rtol=0
        )
        quantiles, width = counts.quantiles(some)
        assert width is None
        np.testing.assert_array_equal(quantiles, np.repeat(value, count))
        few = counts.quantiles(some, 50)[0]
        np.testing.assert_allclose(few, np.quantile(pooled.fto[own], (np.arange(50) + 0.5) / 50), atol=0.05)


SLOW_OPTIONS = [{"by": "speaker"}, {"folds": 5}, {"heldout": False}]


@pytest.mark.parametrize(
    "options", [{}, *(pytest.param(options, marks=pytest.mark.slow) for options in SLOW_OPTIONS)]
)
def test_a_ranking_is_that_of_the_offsets_one_by_one(corpus, options, monkeypatch):
    exact = fit(corpus, "ipu", families=FAMILIES, **options)
    monkeypatch.setattr(ranking, "LARGE_HOURS", 0.0)
    report = fit(corpus, "ipu", families=FAMILIES, **options)
    assert report.quantiles is not None
    assert exact.quantiles is None
    assert report.quantiles.offsets == len(pool_ftos(corpus, "ipu", Definitions()))
    for name in ("by", "folds", "groups", "train", "heldout", "speakers"):
        assert getattr(report, name) == getattr(exact, name), name
    for one, other in zip(report.families, exact.families, strict=True):
        assert one.name == other.name
        for name in ("heldout_nats", "crps", "ks", "aic_nats"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=2e-3), name
        assert one.w1_ms == pytest.approx(other.w1_ms, abs=1)
        for name, value in one.params.items():
            np.testing.assert_allclose(value, other.params[name], atol=2e-3)
        if one.interval is not None and other.interval is not None:
            assert one.interval.low == pytest.approx(other.interval.low, abs=0.02)
    assert "counted in bins of 1 ms" in report_text(report)
    assert report.to_json().keys() == exact.to_json().keys()


def test_few_groups_are_split_one_by_one_and_nothing_is_refused_in_the_same_words(corpus, monkeypatch):
    monkeypatch.setattr(ranking, "LARGE_HOURS", 0.0)
    assert fit(corpus[:20], "ipu", families=["normal"]).quantiles is None
    roles = [dataclasses.replace(one, speakers=("A", "B")) for one in corpus[:40]]
    with pytest.raises(BabbleError, match="those of channels or roles, not of people"):
        fit(roles, "ipu", families=["normal"], by="speaker")
    silent = [dataclasses.replace(one, speaker=np.zeros_like(one.speaker)) for one in corpus[:40]]
    with pytest.raises(BabbleError, match="No floor transfer at level 'ipu' in 40 conversations"):
        fit(silent, "ipu", families=["normal"])
