"""Channels on which labelled speech stands as a person's does in a conversation, in noise.

Axes: T samples at 16 kHz, N hops of 20 ms.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from babble_jax.agent.hearing import speech_evidence
from babble_jax.agent.hearing.speech_evidence import HOP, RATE
from babble_jax.audio import wave
from babble_jax.dataset import recipes

LABELS = "usr/share/festival/voices/russian/msu_ru_nsh_clunits/lab"
SOURCE = "festvox-ru"
SECONDS = 120.0  # of a channel
NOISES = ("white", "pink", "fan", "none")
_SHARES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
# Quantiles of 53,305 stretches of speech and of silence of one side, of 200 calls of Switchboard, words merged across
# less than 60 ms, in seconds; the longest silences are cut.
_SPEECH = (0.1, 0.16, 0.27, 0.34, 0.51, 1.09, 2.1, 3.3, 4.2, 6.2)
_SILENCE = (0.06, 0.074, 0.11, 0.15, 0.29, 0.6, 1.64, 5.6, 9.0, 12.0)
_MERGE = 0.06  # seconds: shorter pauses of the labels are speech
_MARGIN = 0.08  # seconds of the recording beyond an edge that is its own
_FADE = 0.02  # seconds at an edge that was cut


class LabelledSpeech(NamedTuple):
    """A recording, and when it is speech.

    Attributes:
      audio: [T] float32.
      phones: edges of phones, rising, seconds.
      stretches: (onset, end) of speech, seconds.
    """

    audio: np.ndarray
    phones: np.ndarray
    stretches: list[tuple[float, float]]


class Channel(NamedTuple):
    """A channel.

    Attributes:
      audio: [T] float32.
      speech: [T] bool, whether the labels say speech.
      noise: kind of noise.
      snr_db: level of speech over that of the noise.
      gain_db: by which the recording was made softer or louder.
    """

    audio: np.ndarray
    speech: np.ndarray
    noise: str
    snr_db: float
    gain_db: float

    @property
    def hop_speech(self) -> np.ndarray:
        """[N] whether more than half of the hop is speech."""
        count = len(self.speech) // HOP
        return self.speech[: count * HOP].reshape(count, HOP).mean(axis=1) > 0.5


def read_speech(work: Path) -> list[LabelledSpeech]:
    """Reads the recordings and their labels; the package is downloaded to `work` unless its `tree` is there.

    Raises:
      BabbleError: there is no network.
    """
    tree = work / "tree"
    if not tree.is_dir():
        work.mkdir(parents=True, exist_ok=True)
        tree = recipes.unpack_package(SOURCE, work)
    sound = tree / recipes.RECIPES[SOURCE].audio
    speech = []
    for path in sorted(sound.glob("*.wav")):
        rows = [
            line.split() for line in (tree / LABELS / f"{path.stem}.lab").read_text("ascii").splitlines()[1:]
        ]
        ends = np.array([0.0, *(float(row[0]) for row in rows if row)])
        stretches: list[list[float]] = []
        for start, end, row in zip(ends[:-1], ends[1:], (row for row in rows if row), strict=True):
            if row[2] == "pau" or end <= start:
                continue
            if stretches and start - stretches[-1][1] < _MERGE:
                stretches[-1][1] = end
            else:
                stretches.append([start, end])
        speech.append(
            LabelledSpeech(wave.read(path, RATE)[0], ends, [(onset, end) for onset, end in stretches])
        )
    return speech


def make_channel(speech: list[LabelledSpeech], rng: np.random.Generator) -> Channel:
    """Draws a channel: stretches and silences of the lengths of Switchboard, gain, noise.

    In a third of the channels that have noise it becomes 10 dB louder halfway. In half of all channels there are bursts
    of noise and tones, which are no speech.

    Args:
      speech: recordings to take stretches of.
      rng: generator, consumed.
    """
    audio = np.zeros(round(SECONDS * RATE), np.float32)
    active = np.zeros(len(audio), bool)
    position = round(0.5 * RATE)
    while True:
        piece, mask = _draw_stretch(speech[rng.integers(len(speech))], _draw(_SPEECH, rng), rng)
        if position + len(piece) > len(audio):
            break
        audio[position : position + len(piece)] += piece
        active[position : position + len(piece)] |= mask
        silence = _draw(_SILENCE, rng)
        position += round((silence - 2 * _MARGIN) * RATE) + len(piece)
        position = max(position, np.flatnonzero(active)[-1] + round(_MERGE * RATE))
    level = 10 * np.log10(np.mean(np.square(audio[active], dtype=np.float64)))
    gain = float(rng.uniform(-30.0, 5.0))
    snr = float(rng.uniform(25.0, 50.0) if rng.random() < 0.6 else rng.uniform(5.0, 25.0))
    kind = NOISES[rng.integers(len(NOISES))]
    audio = audio * np.float32(10 ** (gain / 20))
    if kind != "none":
        noise = make_noise(kind, len(audio), rng)
        if rng.random() < 1 / 3:
            noise[len(noise) // 2 :] *= np.float32(10**0.5)
        audio = audio + np.float32(10 ** ((level + gain - snr) / 20)) * noise
    if rng.random() < 0.5:
        audio = audio + np.float32(10 ** ((level + gain) / 20)) * _draw_bursts(len(audio), rng)
    return Channel(np.clip(audio, -1.0, 1.0).astype(np.float32), active, kind, snr, gain)


def make_noise(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws noise of mean square 1: [count] float32.

    Args:
      kind: "white", "pink" or "fan" (brown, with five harmonics of 120 Hz).
      count: samples.
      rng: generator, consumed.
    """
    noise = rng.standard_normal(count)
    if kind == "pink":  # Kellet's filter of three poles
        noise = lfilter(
            [0.049922, -0.095993, 0.050613, -0.004408], [1, -2.494956, 2.017266, -0.522189], noise
        )
    elif kind == "fan":
        noise = np.asarray(lfilter([1.0], [1.0, -0.98], noise))
        t = np.arange(count) / RATE
        noise = noise / noise.std() + sum(np.sin(240 * np.pi * k * t + k) / (2 * k) for k in range(1, 6))
    return (noise / np.sqrt(np.mean(np.square(noise)))).astype(np.float32)


def _draw_bursts(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws bursts of noise and tones, one in four seconds: [count] float32, relative to the level of the speech."""
    audio = np.zeros(count, np.float32)
    for _ in range(rng.poisson(count / RATE / 4)):
        size = round(float(np.exp(rng.uniform(np.log(0.01), np.log(2.0)))) * RATE)
        start = rng.integers(count - size)
        kind = ("white", "pink", "fan", "tone")[rng.integers(4)]
        if kind == "tone":
            t = np.arange(size) / RATE
            frequency, harmonics = rng.uniform(80.0, 1500.0), rng.integers(1, 4)
            burst = sum(np.sin(2 * np.pi * k * frequency * t) / k for k in range(1, harmonics + 1))
        else:
            burst = make_noise(kind, size, rng) * np.exp(-rng.uniform(0.0, 5.0) * np.arange(size) / size)
        edge = np.minimum(np.minimum(np.arange(size), np.arange(size)[::-1]) / (0.003 * RATE), 1.0)
        audio[start : start + size] += (10 ** (rng.uniform(-30.0, 3.0) / 20) * edge * burst).astype(
            np.float32
        )
    return audio


def channel_features(channel: Channel) -> tuple[np.ndarray, np.ndarray]:
    """Computes the evidence of each hop of a channel.

    Returns:
      features [N, D], and the detector's own probability [N].
    """
    state, features, probability = speech_evidence.initial_state(), [], []
    for hop in channel.audio[: len(channel.audio) // HOP * HOP].reshape(-1, HOP):
        state, evidence = speech_evidence.step(state, hop)
        features.append(evidence.features)
        probability.append(evidence.probability)
    return np.array(features), np.array(probability)


def _draw(quantiles: tuple[float, ...], rng: np.random.Generator) -> float:
    return float(np.exp(np.interp(rng.uniform(0, 0.99), _SHARES, np.log(quantiles))))


def _draw_stretch(
    recording: LabelledSpeech, seconds: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts a stretch that begins, or ends, where speech does in the recording; its other edge is a phone's.

    Returns:
      samples [T] with a margin at each edge, and whether they are speech [T].
    """
    stretches = recording.stretches
    if rng.random() < 0.5:
        onset = stretches[rng.integers(len(stretches))][0]
        end = _snap(recording, min(onset + seconds, stretches[-1][1]))
    else:
        end = stretches[rng.integers(len(stretches))][1]
        onset = _snap(recording, max(end - seconds, stretches[0][0]))
    onsets, ends = ({stretch[edge] for stretch in stretches} for edge in (0, 1))
    first, stop = (round(t * RATE) for t in (onset - _MARGIN, end + _MARGIN))
    t = np.arange(first, stop) / RATE
    audio = np.where(
        (t >= 0) & (t < len(recording.audio) / RATE),
        recording.audio[np.clip(np.arange(first, stop), 0, len(recording.audio) - 1)],
        0.0,
    )
    if onset not in onsets:
        audio *= np.clip((t - onset) / _FADE + 0.5, 0.0, 1.0)
    if end not in ends:
        audio *= np.clip((end - t) / _FADE + 0.5, 0.0, 1.0)
    mask = np.zeros(len(t), bool)
    for a, b in stretches:
        mask |= (t >= max(a, onset)) & (t < min(b, end))
    # A margin that reaches into the next stretch holds its speech: it is silenced.
    audio[~mask & _within(t, [s for s in stretches if s[0] >= end or s[1] <= onset])] = 0.0
    return audio.astype(np.float32), mask


def _snap(recording: LabelledSpeech, seconds: float) -> float:
    """Finds the edge of a phone that is nearest, or of a stretch where it lies between two."""
    edges = [e for e in recording.phones if any(a <= e <= b for a, b in recording.stretches)]
    return float(edges[int(np.argmin(np.abs(np.array(edges) - seconds)))])


def _within(t: np.ndarray, stretches: list[tuple[float, float]]) -> np.ndarray:
    inside = np.zeros(len(t), bool)
    for a, b in stretches:
        inside |= (t >= a) & (t < b)
    return inside
