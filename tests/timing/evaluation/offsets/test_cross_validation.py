"""Cross-validation of families. Axes: M offsets."""

import numpy as np
import pytest
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.evaluation.offsets.report import SplitCount, parameter_count
from babble_jax.timing.splits import FOLDS, fold
from tests.timing.chain import switchboard_chain
from tests.timing.distributions.offset_distributions import PARAMETERS, parameters_of


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Two and a half hours drawn from a chain of IPUs."""
    return [switchboard_chain().sample(seed, 300.0) for seed in range(30)]


def test_cross_validated_scores_are_of_fits_on_the_other_folds(dialogues):
    report = fit(dialogues, "ipu", families=["logistic", "normal"], folds=FOLDS)
    pooled = events.pool_ftos(dialogues, "ipu", events.Definitions())
    which = np.array([fold(group) for group in pooled.group])[pooled.conversation]
    expected = np.zeros(len(pooled))
    for one in np.unique(which):
        y = pooled.fto[which != one]
        expected[which == one] = scipy.stats.norm.logpdf(pooled.fto[which == one], y.mean(), y.std())
    best, normal = report.families
    assert normal.difference is not None
    assert best.difference is not None
    assert (best.name, normal.name) == ("logistic", "normal")
    assert normal.heldout_nats == pytest.approx(expected.mean(), abs=1e-9)
    assert normal.difference.value == pytest.approx(normal.heldout_nats - best.heldout_nats, abs=1e-12)
    assert normal.difference.low < normal.difference.value < normal.difference.high < 0
    assert (best.difference.low, best.difference.high) == (0, 0)
    printed = report.cross_validated_json()
    assert (printed["folds"], printed["groups"], printed["offsets"]) == (FOLDS, 30, len(pooled))
    assert [one["name"] for one in printed["families"]] == ["logistic", "normal"]
    # the last fold is the split of the report
    single = fit(dialogues, "ipu", families=["normal"])
    assert single.families[0].heldout_nats == pytest.approx(expected[which == FOLDS - 1].mean(), abs=1e-9)
    with pytest.raises(BabbleError, match="no family 'cauchy'"):
        fit(dialogues, families=["cauchy"], folds=FOLDS)
    # the parameters are those of a fit to all
    assert normal.params == {"loc": pooled.fto.mean(), "scale": pooled.fto.std()}
    assert (report.train, report.heldout) == (SplitCount(30, len(pooled)), SplitCount(30, len(pooled)))


def test_below_thirty_groups_every_group_is_held_out_once_by_default(dialogues):
    few = dialogues[:3]
    report = fit(few, "ipu", families=["normal"])
    assert (report.folds, report.groups, report.to_json()["folds"]) == (3, 3, 3)
    pooled = events.pool_ftos(few, "ipu", events.Definitions())
    nats = [
        scipy.stats.norm.logpdf(pooled.fto[here], pooled.fto[~here].mean(), pooled.fto[~here].std())
        for number in range(3)
        for here in [pooled.conversation == number]
    ]
    assert report.families[0].heldout_nats == pytest.approx(np.concatenate(nats).mean(), abs=1e-9)
    assert "3 conversations and 3 groups, cross-validated in 3 folds" in report_text(report)
    assert fit(dialogues[:29], "ipu", families=["normal"]).folds == FOLDS
    assert fit(dialogues, "ipu", families=["normal"]).folds == 1
    for folds in (4, -1):
        with pytest.raises(BabbleError, match="3 groups of people cannot be held out in"):
            fit(few, families=["normal"], folds=folds)


def test_without_held_out_groups_families_are_ranked_by_aic(dialogues):
    report = fit(dialogues[:1], "ipu", families=["normal", "johnson_su", "kde"], heldout=False)
    assert (report.folds, report.groups, report.heldout) == (0, 0, SplitCount(0, 0))
    assert {one.name for one in report.families} == {"normal", "johnson_su"}
    fto = events.pool_ftos(dialogues[:1], "ipu", events.Definitions()).fto
    normal = next(one for one in report.families if one.name == "normal")
    nats = scipy.stats.norm.logpdf(fto, fto.mean(), fto.std()).mean()
    assert normal.aic_nats == pytest.approx(nats - 2 / len(fto), abs=1e-9)
    printed = report.to_json()["families"][0]
    assert (printed["heldout_nats"], printed["interval"], printed["difference"]) == (None, None, None)
    assert "nothing is held out" in report_text(report)
    with pytest.raises(BabbleError, match="kde can only be ranked by held-out offsets"):
        fit(dialogues[:1], families=["kde"], heldout=False)


def test_parameters_are_counted():
    counts = {name: parameter_count(parameters_of(name)) for name in PARAMETERS if name != "kde"}
    assert counts["normal"] == 2
    assert (counts["johnson_su_mixture"], counts["gaussian_mixture"], counts["shared_mixture"]) == (9, 14, 7)
