"""Degrades speech so that its words are gone and some of its prosody stays: controls for experiments with people.

Each function takes one recording and returns another of the same length and RMS, sample for sample at the same time: no
filter delays. RMS kept is not peaks kept: samples may lie beyond full scale, and are not clipped here.

Axes: T samples, N bands.
"""

import itertools
from typing import Literal

import numpy as np
import scipy.signal

from babble_jax.errors import BabbleError

CUTOFF_HZ = 500.0
BANDS = 6
VOCODER_HZ = (100.0, 8000.0)
ROTATION_HZ = 4000.0

_HANN_HZ = 50.0
_ENVELOPE_HZ = 30.0
_BAND_ORDER, _ENVELOPE_ORDER = 3, 2  # run forwards and backwards, which doubles them
_NYQUIST_MARGIN = 0.95
_LTAS_SECONDS = 0.032
_LTAS_LIMIT_DB = 30.0

Spacing = Literal["greenwood", "erb"]


def low_pass(audio: np.ndarray, rate: int, cutoff: float = CUTOFF_HZ, width: float = _HANN_HZ) -> np.ndarray:
    """Removes what lies above a frequency: pitch and rhythm stay, most words do not.

    The filter has zero phase: 1 below `cutoff - width`, 0 above `cutoff + width`, a raised cosine between, as Praat's
    "Filter (pass Hann band)" has it. A cutoff of 500 Hz is that of de Ruiter et al. 2006.

    Args:
      audio: [T] float.
      rate: Hz.
      cutoff: Hz, at which the amplitude is halved.
      width: Hz, half the width of the slope.

    Returns:
      [T] float32.

    Raises:
      BabbleError: the cutoff is not between 0 and half the rate.

    References: J. P. de Ruiter, H. Mitterer, N. J. Enfield, Language 82 (2006), 515-535.
    """
    _check_frequency("cutoff", cutoff, rate)
    return _keep_rms(audio, _filter_hann(audio, rate, cutoff, min(width, cutoff)))


def noise_vocode(
    audio: np.ndarray,
    rate: int,
    bands: int = BANDS,
    limits: tuple[float, float] = VOCODER_HZ,
    spacing: Spacing = "greenwood",
    envelope: float = _ENVELOPE_HZ,
    seed: int = 0,
) -> np.ndarray:
    """Replaces the sound of each band by noise with the same envelope: rhythm stays, pitch is gone.

    The envelope of a band is half-wave rectified and low-pass filtered (Shannon et al. 1995); it multiplies noise,
    which is filtered to the band again and brought to the band's RMS. All filters are Butterworth's, run forwards and
    backwards. With four bands and more, practised listeners understand words; with one, hardly any. The bands are of
    equal width on the basilar membrane (Greenwood 1990) or in equivalent rectangular bandwidths (Glasberg & Moore
    1990), where Shannon has round frequencies.

    Args:
      audio: [T] float.
      rate: Hz.
      bands: N, their number.
      limits: Hz, lower edge of the lowest and upper edge of the highest band; the latter is at most 0.475 of the rate.
      spacing: "greenwood" or "erb".
      envelope: Hz, bandwidth of the envelopes; Shannon has 16, 50, 160 and 500; from some 50 Hz on, pitch is heard.
      seed: of the noise, which is the same for the same seed, length and rate.

    Returns:
      [T] float32.

    Raises:
      BabbleError: there is no band, or the limits leave no room for one below half the rate.

    References: R. V. Shannon et al., Science 270 (1995), 303-304.
    """
    edges = space_bands(bands, (limits[0], min(limits[1], _NYQUIST_MARGIN * rate / 2)), spacing)
    _check_frequency("bandwidth of the envelopes", envelope, rate)
    audio = np.asarray(audio, np.float64)
    noise = np.random.default_rng(seed).standard_normal(len(audio))
    smooth = _design(_ENVELOPE_ORDER, envelope, "lowpass", rate)
    total = np.zeros(len(audio))
    for low, high in itertools.pairwise(edges):
        sections = _design(_BAND_ORDER, (low, high), "bandpass", rate)
        band = _filter_twice(sections, audio)
        shape = _filter_twice(smooth, band.clip(0)).clip(0)
        total += _match_rms(band, _filter_twice(sections, noise * shape))
    return _keep_rms(audio, total)


def reverse(audio: np.ndarray) -> np.ndarray:
    """Turns a recording round in time, [T] float32: its spectrum stays."""
    return np.ascontiguousarray(np.asarray(audio, np.float32)[::-1])


def spectrally_rotate(
    audio: np.ndarray, rate: int, band: float = ROTATION_HZ, match_spectrum: bool = True
) -> np.ndarray:
    """Mirrors the spectrum below a frequency: f becomes `band` - f; rhythm and pitch movement stay, words do not.

    What lies above `band` is removed first (Blesser 1972). Blesser multiplied by a carrier and filtered; here the
    analytic signal is conjugated and shifted, which is the same without the image that must be filtered. Speech is
    louder in low than in high frequencies, so that its mirror image is shrill: Scott et al. 2000 filter the sound so
    that the long-term average spectrum (LTAS) is again about that of speech. `match_spectrum` does so with the
    recording's own LTAS, measured in frames of 32 ms; no frequency is raised or lowered by more than 30 dB against the
    median.

    Args:
      audio: [T] float.
      rate: Hz.
      band: Hz; 4 kHz is Blesser's and Scott's, rotated around 2 kHz.
      match_spectrum: filter the result to the LTAS of the recording.

    Returns:
      [T] float32.

    Raises:
      BabbleError: the band is not between 0 and half the rate.

    References: B. Blesser, J. Speech Hear. Res. 15 (1972), 5-41; S. K. Scott et al., Brain 123 (2000), 2400-2406.
    """
    _check_frequency("band to rotate", band, rate)
    audio = np.asarray(audio, np.float64)
    if not len(audio):
        return np.zeros(0, np.float32)
    narrow = _filter_hann(audio, rate, band - min(_HANN_HZ, band), min(_HANN_HZ, band))
    carrier = np.exp(2j * np.pi * band / rate * np.arange(len(audio)))
    mirrored = np.real(np.conj(np.asarray(scipy.signal.hilbert(narrow))) * carrier)
    if match_spectrum:
        mirrored = _match_ltas(narrow, mirrored, rate, band)
    return _keep_rms(audio, mirrored)


def space_bands(bands: int, limits: tuple[float, float], spacing: Spacing = "greenwood") -> np.ndarray:
    """Spaces the edges of bands equally along the basilar membrane or in equivalent rectangular bandwidths.

    Args:
      bands: N.
      limits: Hz, the lowest and the highest edge.
      spacing: "greenwood": f = 165.4 (10^(2.1 x) - 1) Hz, x being a share of the membrane (Greenwood 1990);
        "erb": the ERB number is 21.4 log10(1 + 0.00437 f) (Glasberg & Moore 1990).

    Returns:
      [N + 1] float64 Hz, rising.

    Raises:
      BabbleError: there is no band, or no room for it.

    References: D. D. Greenwood, J. Acoust. Soc. Am. 87 (1990), 2592-2605; B. R. Glasberg, B. C. J. Moore, Hear. Res. 47
    (1990), 103-138.
    """
    if bands < 1:
        raise BabbleError(f"{bands} bands cannot be vocoded; ask for 1 or more.")
    if not 0 < limits[0] < limits[1]:
        raise BabbleError(
            f"There is no room for bands from {limits[0]:g} to {limits[1]:g} Hz; ask for rising limits above 0 Hz, "
            "well below half the sample rate."
        )
    corner = {"greenwood": 165.4, "erb": 1 / 0.00437}[spacing]
    # Both scales are a logarithm of 1 + f / corner, so that equal steps of it are equal steps of either.
    low, high = np.log1p(np.array(limits) / corner)
    return corner * np.expm1(np.linspace(low, high, bands + 1))


def _filter_hann(audio: np.ndarray, rate: int, cutoff: float, width: float) -> np.ndarray:
    """Multiplies the spectrum by 1 below `cutoff - width` Hz, 0 above `cutoff + width`, a raised cosine between."""
    audio = np.asarray(audio, np.float64)
    if not len(audio):
        return audio
    # Zeros behind it, as long as the filter rings, so that its end does not run into its beginning.
    size = _fast_length(len(audio) + round(4 * rate / max(width, 1.0)))
    distance = (np.fft.rfftfreq(size, 1 / rate) - cutoff) / max(width, 1e-9)
    gain = 0.5 - 0.5 * np.sin(np.pi / 2 * distance.clip(-1, 1))
    return np.fft.irfft(np.fft.rfft(audio, size) * gain, size)[: len(audio)]


def _fast_length(samples: int) -> int:
    """Returns the next power of two."""
    return 1 << max(samples - 1, 0).bit_length()


def _design(order: int, hertz: float | tuple[float, float], kind: str, rate: int) -> np.ndarray:
    """Designs a Butterworth filter: second-order sections."""
    return np.asarray(scipy.signal.butter(order, hertz, kind, output="sos", fs=rate))


def _filter_twice(sections: np.ndarray, audio: np.ndarray) -> np.ndarray:
    """Filters forwards and backwards, so that nothing is delayed; zeros stand around the recording."""
    return scipy.signal.sosfiltfilt(sections, audio, padlen=0) if len(audio) else audio


def _match_ltas(reference: np.ndarray, audio: np.ndarray, rate: int, band: float) -> np.ndarray:
    """Filters `audio`, with zero phase, to the long-term average spectrum of `reference` below `band` Hz."""
    frame = min(round(_LTAS_SECONDS * rate), len(audio))
    frequencies, wanted = scipy.signal.welch(reference, rate, nperseg=frame)
    present = scipy.signal.welch(audio, rate, nperseg=frame)[1]
    lowest = 1e-8 * max(float(wanted.max()), 1e-30)
    gain_db = 10 * np.log10((wanted + lowest) / (present + lowest))
    inside = frequencies < band
    gain_db -= np.median(gain_db[inside])  # the level is set later
    gain_db = np.where(inside, gain_db.clip(-_LTAS_LIMIT_DB, _LTAS_LIMIT_DB), 0.0)
    size = _fast_length(len(audio) + frame)
    gain = 10 ** (np.interp(np.fft.rfftfreq(size, 1 / rate), frequencies, gain_db) / 20)
    return np.fft.irfft(np.fft.rfft(audio, size) * gain, size)[: len(audio)]


def _match_rms(reference: np.ndarray, audio: np.ndarray) -> np.ndarray:
    """Brings `audio` to the RMS of `reference`; what is silent stays so."""
    power = float(np.sum(np.square(audio)))
    return audio * np.sqrt(float(np.sum(np.square(reference))) / power) if power else audio


def _keep_rms(audio: np.ndarray, degraded: np.ndarray) -> np.ndarray:
    return _match_rms(np.asarray(audio, np.float64), degraded).astype(np.float32)


def _check_frequency(name: str, hertz: float, rate: int) -> None:
    if not 0 < hertz < rate / 2:
        raise BabbleError(
            f"The {name} is {hertz:g} Hz; ask for one between 0 and half the sample rate, {rate / 2:g} Hz."
        )
