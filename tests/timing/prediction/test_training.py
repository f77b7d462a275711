"""The training of heads."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import logistic

from babble_jax.timing.events import Definitions
from babble_jax.timing.prediction import context
from babble_jax.timing.prediction.examples import build_examples
from babble_jax.timing.prediction.heads import INPUTS, input_columns
from babble_jax.timing.prediction.training import apply_heads, train_heads
from tests.timing.prediction.calls import simulate_calls
from tests.timing.prediction.predictors import (
    OFFSET_PREDICTOR,
)


@pytest.mark.slow
def test_a_head_learns_what_there_is_to_learn():
    """Offsets made to lie 1 s apart by whether the taker spoke before: a network finds it, and only with that input."""
    data = build_examples(simulate_calls(30), "ipu", Definitions(), OFFSET_PREDICTOR.grid)
    column = INPUTS.index("log_ipu")
    long = data.inputs["over"][:, column] > np.median(data.inputs["over"][:, column])
    draw = np.random.default_rng(0)
    fto = np.where(long, 1.0, 0.0) + 0.1 * draw.logistic(size=len(long))
    split = dataclasses.replace(data.split, ftos=dataclasses.replace(data.split.ftos, fto=fto))
    data = dataclasses.replace(data, split=split, earliest=np.full(len(fto), -1e3))
    held = ~data.split.train

    def nats(covariates) -> float:
        heads = train_heads(data, "descriptive", input_columns(covariates, filter=False), epochs=40)
        distributions = apply_heads(data, heads, held)
        y, least = (jnp.asarray(x[held], jnp.float32) for x in (fto, data.earliest))
        return float(jnp.mean(context.log_prob("descriptive", distributions, y, least)))

    best = float(np.mean(logistic.logpdf(fto - long, 0, 0.1)[held]))
    achieved = nats(["ipu_duration"])
    assert best - 0.3 < achieved < best + 0.05
    assert nats([]) < achieved - 0.2  # no input at all
