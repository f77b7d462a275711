"""Tilt and level that are changed while they sound."""

import numpy as np
import pytest

from babble_jax.audio.tilt import Tilt
from babble_jax.audio.tilt_changes import FADE, TiltSetting, change_tilt, tilt_block

RATE = 16_000
FADING = round(FADE * RATE)
NOISE = np.random.default_rng(0).normal(0, 0.1, (2, 4000)).astype(np.float32)
START = (TiltSetting(),)


def run(settings, edges, changes):
    """Filters the noise in blocks that end at some samples, and changes the setting at some of them."""
    blocks, first = [], 0
    for end in edges:
        if first in changes:
            settings = change_tilt(settings, *changes[first])
        sound, settings = tilt_block(NOISE[:, first:end], settings, RATE)
        blocks.append(sound)
        first = end
    return np.concatenate(blocks, axis=1), settings


def test_without_a_setting_the_sound_stays_to_the_bit():
    sound, settings = tilt_block(NOISE, START, RATE)
    assert sound is NOISE
    assert settings == START
    assert change_tilt(START, 0.0, 0.0) is START


def test_the_setting_of_the_start_is_that_of_a_tilt():
    sound, _ = run((TiltSetting(3.0, -6.0),), [1001, 4000], {})
    np.testing.assert_array_equal(sound, Tilt(3.0, RATE, -6.0)(NOISE)[0])


def test_a_change_fades_in_and_the_sizes_of_blocks_change_nothing():
    changes = {1000: (4.0, -3.0), 1100: (0.0, -20.0), 3000: (0.0, 0.0)}
    sound, settings = run(START, [1000, 1100, 3000, 4000], changes)
    pieces, _ = run(START, [7, 1000, 1033, 1100, 1101, 1250, 1500, 2999, 3000, 3100, 3900, 4000], changes)
    np.testing.assert_array_equal(pieces, sound)
    np.testing.assert_array_equal(sound[:, :1000], NOISE[:, :1000])
    softer = slice(1100 + FADING, 3000)
    np.testing.assert_allclose(sound[:, softer], 0.1 * NOISE[:, softer], rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(sound[:, 3000 + FADING :], NOISE[:, 3000 + FADING :])
    assert len(settings) == 1, "what has faded is dropped"


@pytest.mark.parametrize("setting", [(6.0, 0.0), (-6.0, 6.0), (0.0, -30.0)])
def test_a_change_makes_no_click(setting):
    tone = (0.3 * np.sin(2 * np.pi * 200 * np.arange(3200) / RATE)).astype(np.float32)[None]
    first, settings = tilt_block(tone[:, :1620], START, RATE)
    rest, _ = tilt_block(tone[:, 1620:], change_tilt(settings, *setting), RATE)
    sound = np.concatenate([first, rest], axis=1)[0].astype(np.float64)
    steps = np.abs(np.diff(sound))
    loudest = max(np.abs(sound[:1600]).max(), np.abs(sound[-1000:]).max())
    assert steps.max() < 1.5 * loudest * 2 * np.pi * 200 / RATE, "no steeper than the tone itself"
