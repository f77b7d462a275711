"""The level of an ear's training: measured, and sound brought to it."""

import numpy as np
import pytest
import soundfile

from babble_jax.audio.level import active_level_db, frame_power
from babble_jax.ear.leveling import (
    LEVEL_KEY,
    MOST_GAIN_DB,
    RUNNING_SECONDS,
    RunningGain,
    find_gain,
    gain_from,
    measure_level,
    measure_power,
)

RATE = 1000
AUDIO = np.random.default_rng(0).normal(0, 0.01, 2005)


def test_blocks_have_the_power_of_the_sound():
    blocks = np.split(AUDIO, [3, 3, 700, 1999])
    np.testing.assert_allclose(measure_power(blocks, RATE), frame_power(AUDIO.astype(np.float32), RATE))
    assert len(measure_power([], RATE)) == 0


def test_a_sound_comes_to_the_level():
    gain = find_gain(measure_power([AUDIO], RATE), {LEVEL_KEY: -20.0})
    assert active_level_db(gain * AUDIO, RATE) == pytest.approx(-20, abs=1e-3)
    softest = find_gain(measure_power([1e-4 * AUDIO], RATE), {LEVEL_KEY: -20.0})
    assert softest == pytest.approx(10 ** (MOST_GAIN_DB / 20))


@pytest.mark.parametrize("card", [{}, {LEVEL_KEY: None}, {LEVEL_KEY: "loud"}])
def test_without_a_level_a_sound_stays(card):
    assert find_gain(measure_power([AUDIO], RATE), card) == 1
    assert find_gain(np.zeros(0), {LEVEL_KEY: -20.0}) == 1
    assert find_gain(np.zeros(5), {LEVEL_KEY: -20.0}) == 1


def test_the_level_of_recordings_is_their_median(tmp_path):
    paths = []
    for number, gain in enumerate((0.5, 1, 20, 0)):
        paths.append(tmp_path / f"{number}.wav")
        soundfile.write(paths[-1], gain * AUDIO, 8000, subtype="FLOAT")
    assert measure_level(paths) == pytest.approx(active_level_db(AUDIO.astype(np.float32), 8000), abs=0.01)
    assert measure_level(paths[3:]) is None


def square(seconds, level):
    """A square wave of a level in dB: each frame has this mean square."""
    return np.resize([1, -1], round(seconds * RATE)).astype(np.float32) * np.float32(10 ** (level / 20))


@pytest.mark.parametrize("block", [7, 100, 1234])
def test_the_running_gain_by_hand(block):
    """At 10 dB below the training's level, while a second at that level stands before the first sound."""
    gain, sound = RunningGain({LEVEL_KEY: -20.0}, RATE), square(14, -30)
    levelled = np.concatenate([gain.apply(sound[i : i + block]) for i in range(0, len(sound), block)])
    change = 20 * np.log10((levelled / sound)[50::100])  # of each tenth
    assert change[0] == 0
    # 100 frames of 10 and 10 n of 1 have this mean; frames of 1 are active, 10 dB below the loudest
    for n in (1, 20):
        mean = (100 * 10 + 10 * n) / (100 + 10 * n) / 10
        assert change[n] == pytest.approx(-10 * np.log10(mean), abs=1e-4)
    assert change[round(10 * RUNNING_SECONDS) :] == pytest.approx(10, abs=1e-4)
    assert gain.apply(np.zeros(0, np.float32)).shape == (0,)


def test_the_running_gain_leaves_out_what_is_hardly_speech_and_no_card_without_a_level():
    sound = square(12, -20.1 - MOST_GAIN_DB)
    np.testing.assert_array_equal(RunningGain({LEVEL_KEY: -20.0}, RATE).apply(sound), sound)
    assert RunningGain({}, RATE).apply(sound) is sound
    assert gain_from(-30, {LEVEL_KEY: -20.0}) == pytest.approx(10**0.5)
    assert gain_from(-30, {}) == 1
