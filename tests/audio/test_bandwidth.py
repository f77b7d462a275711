"""Where recordings end, and that nothing is heard above, nor a constant."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.audio.bandwidth import Bandpass, bandwidth

RATE = 8000


def level(audio, low, high):
    """Power in dB from `low` to `high` Hz."""
    frequencies, power = scipy.signal.welch(audio, RATE, nperseg=512)
    return 10 * np.log10(power[(frequencies >= low) & (frequencies <= high)].mean() + 1e-20)


def noise(seconds=2.0, cut=None):
    made = np.random.default_rng(0).normal(size=round(seconds * RATE)) * 0.1
    if cut is not None:
        made = scipy.signal.sosfilt(scipy.signal.butter(20, cut, fs=RATE, output="sos"), made)
    return np.asarray(made, np.float32)


@pytest.mark.parametrize("cut", [1000, 2500])
def test_it_is_found_where_noise_was_cut(cut):
    pieces = [noise(cut=cut), noise(0.001)]
    assert cut < bandwidth(pieces, RATE) < 1.4 * cut
    assert bandwidth([np.rint(3000 * piece) for piece in pieces], RATE) > cut


def test_white_noise_and_silence_reach_to_half_the_rate():
    assert bandwidth([noise()], RATE) > 0.99 * RATE / 2
    assert bandwidth([np.zeros(RATE)], RATE) == RATE / 2
    assert bandwidth([], RATE) == RATE / 2


def test_streams_are_cut_off_each_at_its_own_whatever_the_blocks():
    audio = np.stack([noise()] * 2)
    whole = Bandpass((2000.0, np.inf), RATE)(audio)
    assert level(whole[1], 100, 4000) == pytest.approx(level(audio[1], 100, 4000), abs=0.05)
    assert level(whole[0], 2300, 4000) < level(audio[0], 2300, 4000) - 50
    assert level(whole[0], 100, 1900) == pytest.approx(level(audio[0], 100, 1900), abs=0.3)
    cut, parts = Bandpass((2000.0, np.inf), RATE), np.split(audio, [1, 700, 7000], axis=1)
    np.testing.assert_array_equal(np.concatenate([cut(part) for part in parts], axis=1), whole)


def test_nothing_leaves_the_range():
    square = np.where(np.arange(4000) // 40 % 2, 1.0, -1.0).astype(np.float32)[None]
    assert np.abs(Bandpass((1500.0,), RATE)(square)).max() == 1


def test_a_constant_is_silence_and_speech_is_as_it_was():
    still = np.full((1, RATE), 7e-5, np.float32)
    within = Bandpass((np.inf,), RATE)
    np.testing.assert_array_equal(np.abs(within(still)) < 1e-12, True)
    tone = (np.sin(np.arange(RATE) / RATE * 2 * np.pi * 100) * 0.5).astype(np.float32)[None]
    assert np.abs(within(still + tone)[0, RATE // 2 :]).max() == pytest.approx(0.5, rel=0.03)
    after = within(still)[0]  # what is left of the tone dies away
    assert np.abs(after[RATE // 10 :]).max() < 1e-6
