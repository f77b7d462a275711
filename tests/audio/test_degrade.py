"""Degraded speech: where energy lies after each filter, envelopes, lengths and levels."""

import itertools

import numpy as np
import pytest
import scipy.signal

from babble_jax.audio.degrade import low_pass, noise_vocode, reverse, space_bands, spectrally_rotate
from babble_jax.errors import BabbleError
from tests.audio.signals import RATE, noise, tone
from tests.real_speech import read_utterance

EVERY = {
    "low_pass": lambda audio: low_pass(audio, RATE),
    "noise_vocode": lambda audio: noise_vocode(audio, RATE),
    "reverse": reverse,
    "spectrally_rotate": lambda audio: spectrally_rotate(audio, RATE),
}


def rms(audio):
    return np.sqrt(np.mean(np.square(audio, dtype=np.float64)))


def loudest_hz(audio):
    return np.argmax(np.abs(np.fft.rfft(audio * np.hanning(len(audio))))) * RATE / len(audio)


def envelope(audio, low, high):
    sections = scipy.signal.butter(3, (low, high), "bandpass", output="sos", fs=RATE)
    smooth = scipy.signal.butter(2, 10, output="sos", fs=RATE)
    return scipy.signal.sosfiltfilt(smooth, np.abs(scipy.signal.sosfiltfilt(sections, audio)))


@pytest.mark.parametrize("name", EVERY)
def test_length_and_rms_stay(name):
    for audio in (read_utterance("ru_0325"), noise(0.5), noise(0.003), np.zeros(300, np.float32)):
        degraded = EVERY[name](audio)
        assert degraded.shape == audio.shape
        assert degraded.dtype == np.float32
        assert rms(degraded) == pytest.approx(rms(audio), rel=1e-5)
    assert EVERY[name](np.zeros(0, np.float32)).shape == (0,)


def test_low_pass_takes_what_is_above_and_delays_nothing():
    both = tone(1, 200) + tone(1, 1000)
    low = low_pass(both, RATE) / np.sqrt(2)  # its RMS was brought to that of both
    np.testing.assert_allclose(low[1600:-1600], tone(1, 200)[1600:-1600], atol=2e-4)
    # A raised cosine: half the amplitude at the cutoff, all of it at 450 Hz, none at 550 Hz.
    for hertz, gain in ((450, 1.0), (475, 0.5 + np.sqrt(0.125)), (500, 0.5), (550, 0.0)):
        audio = tone(2, hertz) + tone(2, 100)
        spectrum = np.abs(np.fft.rfft(low_pass(audio, RATE)))
        assert spectrum[2 * hertz] / spectrum[200] == pytest.approx(gain, abs=0.01)


@pytest.mark.parametrize(("hertz", "mirrored"), [(500, 3500), (1000, 3000), (2000, 2000), (3700, 300)])
def test_a_tone_rotates_to_the_mirrored_frequency(hertz, mirrored):
    rotated = spectrally_rotate(tone(1, hertz), RATE, match_spectrum=False)
    assert loudest_hz(rotated) == pytest.approx(mirrored, abs=1)
    spectrum = np.abs(np.fft.rfft(rotated[RATE // 4 : -RATE // 4] * np.hanning(RATE // 2))) ** 2
    near = slice(mirrored // 2 - 10, mirrored // 2 + 10)
    assert spectrum[near].sum() > 0.9999 * spectrum.sum()  # and there is no image


def test_two_rotations_give_what_is_below_the_band():
    audio = scipy.signal.sosfiltfilt(
        scipy.signal.butter(8, (200, 3600), "bandpass", output="sos", fs=RATE), noise(1)
    )
    twice = spectrally_rotate(
        spectrally_rotate(audio, RATE, match_spectrum=False), RATE, match_spectrum=False
    )
    assert np.corrcoef(audio[800:-800], twice[800:-800])[0, 1] > 0.999
    assert loudest_hz(spectrally_rotate(tone(1, 6000) + tone(1, 500), RATE)) == pytest.approx(3500, abs=1)


def test_rotated_speech_has_the_long_term_spectrum_of_speech():
    audio = read_utterance("ru_0749")
    bins, before = scipy.signal.welch(audio, RATE, nperseg=512)
    inside = (bins > 150) & (bins < 3850)

    def distance(rotated):
        after = scipy.signal.welch(rotated, RATE, nperseg=512)[1]
        difference = 10 * np.log10(after[inside] / before[inside])
        return np.std(difference)

    assert distance(spectrally_rotate(audio, RATE)) < 3.0
    assert distance(spectrally_rotate(audio, RATE, match_spectrum=False)) > 9.0


@pytest.mark.parametrize("spacing", ["greenwood", "erb"])
def test_vocoded_speech_has_the_envelope_of_each_band_and_another_fine_structure(spacing):
    audio = read_utterance("ru_0712")
    vocoded = noise_vocode(audio, RATE, bands=6, spacing=spacing)
    edges = space_bands(6, (100, 7600), spacing)
    for low, high in itertools.pairwise(edges):
        assert np.corrcoef(envelope(audio, low, high), envelope(vocoded, low, high))[0, 1] > 0.85
    assert abs(np.corrcoef(audio, vocoded)[0, 1]) < 0.05
    np.testing.assert_array_equal(vocoded, noise_vocode(audio, RATE, bands=6, spacing=spacing))
    assert np.any(vocoded != noise_vocode(audio, RATE, bands=6, spacing=spacing, seed=1))


def test_bands_are_spaced_as_their_authors_say():
    # Greenwood: 165.4 (10^(2.1 x) - 1) is 1690.3 Hz at x = 0.5 and 20657 Hz at x = 1, with k = 1.
    np.testing.assert_allclose(
        space_bands(2, (165.4 * (10**0.21 - 1), 165.4 * (10**1.89 - 1)))[1], 165.4 * (10**1.05 - 1)
    )
    erb = space_bands(3, (100, 4000), "erb")
    number = 21.4 * np.log10(1 + 0.00437 * erb)
    np.testing.assert_allclose(np.diff(number), (number[-1] - number[0]) / 3)
    np.testing.assert_allclose(erb[[0, -1]], (100, 4000))


def test_reversed_twice_is_the_recording():
    np.testing.assert_array_equal(reverse([0.25, 0.5, -1]), np.array([-1, 0.5, 0.25], np.float32))
    np.testing.assert_array_equal(reverse(reverse(noise(0.1))), noise(0.1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: low_pass(noise(0.1), RATE, cutoff=8000), "cutoff is 8000 Hz"),
        (lambda: spectrally_rotate(noise(0.1), RATE, band=0), "band to rotate is 0 Hz"),
        (lambda: noise_vocode(noise(0.1), RATE, bands=0), "0 bands"),
        (lambda: noise_vocode(noise(0.1), RATE, limits=(9000, 9500)), "no room for bands"),
        (lambda: noise_vocode(noise(0.1), RATE, envelope=9000), "envelopes is 9000 Hz"),
    ],
)
def test_impossible_frequencies_are_one_sentence(call, message):
    with pytest.raises(BabbleError, match=message):
        call()
