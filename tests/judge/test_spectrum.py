"""Distances of long-term spectra whose difference is given."""

import numpy as np
import pytest
import scipy.signal

from babble_jax.judge.spectrum import band_edges, long_term_spectrum, spectrum_distance
from tests.judge.signals import NOISE
from tests.real_speech import RATE


def test_spectra_differ_by_what_a_filter_does_and_not_by_a_gain():
    tilt = scipy.signal.butter(1, 500, fs=RATE, output="sos")
    dull = np.asarray(scipy.signal.sosfilt(tilt, NOISE))
    plain = long_term_spectrum(NOISE, RATE)
    assert spectrum_distance(plain, long_term_spectrum(3 * NOISE, RATE)) < 0.01
    response = np.asarray(scipy.signal.sosfreqz(tilt, band_edges()[1:-1], fs=RATE)[1])
    expected = 20 * np.log10(np.abs(response[:-1]))  # but for the last band, which the filter's zero is in
    distance = spectrum_distance(plain[:-1], long_term_spectrum(dull, RATE)[:-1])
    assert distance == pytest.approx(expected.std(), rel=0.1)
    half = scipy.signal.resample_poly(NOISE, 1, 2)
    low = long_term_spectrum(half, RATE // 2)
    assert np.isnan(low[-1])
    assert spectrum_distance(plain, low) < 1.0
