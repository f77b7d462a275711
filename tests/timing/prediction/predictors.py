"""Predictors of small populations, and context predictors of random weights."""

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction.context import VIEWS, Mode
from babble_jax.timing.prediction.context_predictor import ContextPredictor
from babble_jax.timing.prediction.covariates import COVARIATES
from babble_jax.timing.prediction.heads import INPUTS, NETWORK, Head, HeadValues, input_columns
from babble_jax.timing.prediction.offset_predictor import OffsetPredictor, PredictorCard
from babble_jax.timing.prediction.population import Corpus, Population

CARD = PredictorCard("simulated", 3, 100, 1, -0.5, 0.05, 0.01, 20)
POPULATION = Population(
    {"words": Corpus(0.15, 0.35), "utterances": Corpus(-0.1, 0.5)},
    shift=0.2, tail=1.2, dyad_loc=0.1, speaker_loc=0.12, dyad_log_scale=0.2, speaker_log_scale=0.15,
)  # fmt: skip
OFFSET_PREDICTOR = OffsetPredictor(
    Population({"simulated": Corpus(0.1, 0.4)}, 0.1, 1.1, 0.1, 0.1, 0.15, 0.15), "ipu", Definitions(), CARD
)
MODES = list(VIEWS)


def draw_head(seed: int) -> HeadValues:
    """Draws a head with every input and random weights, so that its distributions do depend on them."""
    columns = input_columns(tuple(COVARIATES))
    weights = NETWORK.init(jax.random.key(seed), jnp.zeros((1, len(columns))))
    draw = np.random.default_rng(seed)
    weights = jax.tree.map(lambda x: np.asarray(x) + draw.normal(0, 0.1, x.shape), weights)
    return HeadValues.from_head(Head(columns, np.zeros(len(columns)), np.ones(len(columns)), weights))


def draw_context_predictor(mode: Mode) -> ContextPredictor:
    heads = {view: draw_head(i) for i, view in enumerate(VIEWS[mode])}
    return ContextPredictor(mode, OFFSET_PREDICTOR, heads, CARD)


def draw_inputs(mode: Mode, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {view: draw.normal(size=len(INPUTS)).astype(np.float32) for view in VIEWS[mode]}
