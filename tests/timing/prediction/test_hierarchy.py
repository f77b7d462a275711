"""The hierarchical model. Axes: N FTOs, C conversations."""

import jax
import numpy as np
import pytest

from babble_jax.timing.prediction.hierarchy import (
    POPULATION_SITES,
    GroupedOffsets,
    fit_nuts,
    fit_svi,
    posterior_mean,
)
from babble_jax.timing.prediction.population import Corpus, Population

TRUE = Population(
    {"words": Corpus(0.15, 0.35), "utterances": Corpus(-0.1, 0.45)},
    shift=0.2, tail=1.2, dyad_loc=0.12, speaker_loc=0.08, dyad_log_scale=0.15, speaker_log_scale=0.22,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _numpyro_broadcasts():
    """NumPyro promotes ranks inside its distributions."""
    with jax.numpy_rank_promotion("allow"):
        yield


def simulate_offsets(conversations: int, each: int, seed: int = 0) -> GroupedOffsets:
    """FTOs of dyads from the model that `population` describes, half of them of each corpus."""
    draw = np.random.default_rng(seed)
    corpus = (np.arange(conversations) % 2).astype(np.int32)
    shape = (conversations, 1), (conversations, 2)
    m = draw.normal(0, TRUE.dyad_loc, shape[0]) + draw.normal(0, TRUE.speaker_loc, shape[1])
    log_scale = draw.normal(0, TRUE.dyad_log_scale, shape[0]) + draw.normal(
        0, TRUE.speaker_log_scale, shape[1]
    )
    conversation = np.repeat(np.arange(conversations), each).astype(np.int32)
    speaker = np.tile(np.arange(each) % 2, conversations).astype(np.int32)
    corpora = list(TRUE.corpora.values())
    loc = np.array([one.loc for one in corpora])[corpus][conversation] + m[conversation, speaker]
    scale = np.array([one.scale for one in corpora])[corpus][conversation]
    scale = scale * np.exp(log_scale[conversation, speaker])
    z = draw.normal(size=len(conversation))
    fto = loc + scale * np.sinh((z - TRUE.shift) / TRUE.tail)
    return GroupedOffsets(fto, conversation, speaker, corpus, tuple(TRUE.corpora))


@pytest.mark.slow
def test_svi_recovers_the_population():
    """Within four standard errors, roughly: a spread of n speakers is known to 1 / sqrt(2 n) of itself."""
    data = simulate_offsets(300, 40)
    estimate = posterior_mean(data, fit_svi(data))
    for name, corpus in TRUE.corpora.items():
        assert estimate.corpora[name].loc == pytest.approx(corpus.loc, abs=0.04)
        assert estimate.corpora[name].scale == pytest.approx(corpus.scale, rel=0.08)
    assert estimate.shift == pytest.approx(TRUE.shift, abs=0.05)
    assert estimate.tail == pytest.approx(TRUE.tail, abs=0.05)
    assert estimate.dyad_loc == pytest.approx(TRUE.dyad_loc, abs=0.02)
    assert estimate.speaker_loc == pytest.approx(TRUE.speaker_loc, abs=0.015)
    assert estimate.dyad_log_scale == pytest.approx(TRUE.dyad_log_scale, abs=0.05)
    assert estimate.speaker_log_scale == pytest.approx(TRUE.speaker_log_scale, abs=0.03)


@pytest.mark.slow
def test_svi_agrees_with_nuts():
    """Each posterior mean within one standard deviation of the posterior by NUTS: what SVI leaves out is smaller
    than what the data leave open. (At worst 0.5 here, 0.21 on calls of Switchboard.)
    """
    data = simulate_offsets(80, 60, seed=1)
    svi, nuts = fit_svi(data), fit_nuts(data)
    for name in POPULATION_SITES:
        difference = np.abs(svi[name].mean(axis=0) - nuts[name].mean(axis=0))
        assert (difference < nuts[name].std(axis=0)).all(), name
