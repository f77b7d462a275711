"""Configuration of an ear."""

import numpy as np
import pytest

from babble_jax import config as configs
from babble_jax.ear.config import EarConfig


def test_it_goes_through_json():
    config = EarConfig(("a", "pau"), direction="forward")
    assert configs.from_json(EarConfig, configs.to_json(config)) == config
    assert config.silence_id == 1
    assert EarConfig(("a",)).silence_id is None


@pytest.mark.parametrize(
    ("look_ahead", "context_ahead", "convolution"), [(0, 0, 0), (3, 3, 0), (4, 4, 0), (16, 4, 12)]
)
def test_the_look_ahead_is_context_first(look_ahead, context_ahead, convolution):
    config = EarConfig(("a",), direction="forward", look_ahead=look_ahead)
    assert (config.context_ahead, config.convolution) == (context_ahead, convolution)
    # The last sample of the last frame: frame f is centred at f hops, and its transform has 32 ms.
    last_frame = (0 + look_ahead + 1) * config.stride - 1
    assert config.latency == pytest.approx(last_frame * 0.01 + 0.016 - config.step_centers(1)[0])


def test_times_of_steps():
    config = EarConfig(("a",))
    np.testing.assert_allclose(config.step_edges(3), [0, 0.015, 0.035, 0.055])
    np.testing.assert_allclose(config.step_centers(2), [0.005, 0.025])
    assert [config.count_steps(frames) for frames in (0, 1, 2, 3)] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "values",
    [
        *({"symbols": ()}, {"symbols": ("a", "a")}, {"symbols": ("a", "")}, {"dim": 0}, {"look_ahead": -1}),
        *({"hop": 0.0}, {"hop": float("nan")}, {"direction": "backward"}),
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(values):
    with pytest.raises(ValueError, match=r"symbols|must|choose"):
        EarConfig(**{"symbols": ("a",)} | values)
