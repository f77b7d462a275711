"""Copies of recordings by several methods, and what they lose: distances of spectra, and phones that an ear mishears.

Axes: T samples, F frames, K bins, M mel bands, N recordings.
"""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from babble_jax.audio import spectrogram, wave
from babble_jax.audio.mel_spectrogram import MelConfig, griffin_lim, log_magnitude, log_mel, mel_magnitude
from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.dataset.source import Recordings
from babble_jax.ear.ear import Ear
from babble_jax.ear.scoring import count_errors
from babble_jax.pretrained.copying import copy_synthesis
from babble_jax.pretrained.hearing import hear
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.progress import Progress
from babble_jax.train.tasks.voice.predicted_mel import (
    LabelledSounds,
    PredictedMel,
    find_source,
)
from babble_jax.voice.conditioning.mel import MelStream, mel_conditioning, upsample_mel
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.speak import generate_audio
from experiments.pipelines.ear_scores import PHONES, UNCOUNTED, bootstrap

Method = Callable[[int], np.ndarray]
"""Makes the copy [T] float32 of a recording, by its number."""
_DB = 20 / np.log(10)  # of a natural logarithm of a magnitude
_ACTIVE = 40.0  # dB below the loudest frame, above which a frame counts
_EDGES = (0, 1000, 3000, 5000)  # Hz, lower edges of the bands whose bias is measured


def true_mel_methods(
    voice: PretrainedVoice, sounds: Sequence[np.ndarray], iterations: int
) -> dict[str, Method]:
    """Lists ways to make recordings again from what is known of them, by name.

    Args:
      voice: a vocoder.
      sounds: N recordings, [T] float32 at its rate.
      iterations: of Griffin-Lim.

    Returns:
      `voice` and `griffin_lim` from the true mel, and `quantized`, the recording in the voice's levels.
    """
    config, mel = voice.config, voice.config.mel
    assert mel is not None
    return {
        "voice": lambda i: copy_synthesis(sounds[i], config.sample_rate, voice),
        "griffin_lim": lambda i: griffin_lim(mel_magnitude(log_mel(sounds[i], mel), mel), mel, iterations),
        "quantized": lambda i: config.decode(config.encode_amplitudes(jnp.asarray(sounds[i] * config.gain))),
    }


def predicted_mel_methods(
    voice: PretrainedVoice, lengths: Sequence[int], predicted: PredictedMel, iterations: int
) -> dict[str, Method]:
    """Lists ways to make recordings again from the mel that a model predicts of them, by name.

    Args:
      voice: a vocoder.
      lengths: N, samples of each recording.
      predicted: spectrograms of the recordings.
      iterations: of Griffin-Lim.

    Returns:
      `voice_predicted` and `griffin_lim_predicted`.
    """
    config, mel = voice.config, voice.config.mel
    assert mel is not None

    def frames(i: int) -> np.ndarray:
        stored = predicted.frames(i)
        seconds = np.arange(mel.frames(lengths[i])) * mel.hop_seconds
        return upsample_mel(stored, seconds - stored.onset)

    def speak(i: int) -> np.ndarray:
        stream = MelStream.start(config).push(frames(i), ended=True)
        local = mel_conditioning(config, [stream])
        return generate_audio(voice, stream_keys(0, 1), lengths[i], voice.sampling(), local=local)[0]

    return {
        "voice_predicted": speak,
        "griffin_lim_predicted": lambda i: griffin_lim(mel_magnitude(frames(i), mel), mel, iterations),
    }


def make_copies(
    methods: Mapping[str, Method], sounds: Sequence[np.ndarray], rate: int, results: Path
) -> tuple[dict[str, list[np.ndarray]], dict[str, float]]:
    """Makes the copies of all recordings by all methods.

    Args:
      methods: by name.
      sounds: N recordings, [T] float32.
      rate: samples per second.
      results: path, without suffix, of a picture and a sound of the first recording by each method.

    Returns:
      N copies by the name of the method, and its processor seconds for a second of sound.
    """
    spectrogram.plot_spectrogram(sounds[0], rate, f"{results}-recording.png", "recording")
    copies: dict[str, list[np.ndarray]] = {}
    seconds = {}
    for name, method in methods.items():
        copies[name], start = [], time.process_time()
        with Progress(name, len(sounds), "recordings") as progress:
            for number in range(len(sounds)):
                copies[name].append(method(number))
                progress.update()
        seconds[name] = (time.process_time() - start) / sum(map(len, sounds)) * rate
        first, title = copies[name][0], name.replace("_", " ")
        spectrogram.plot_spectrogram(first, rate, f"{results}-{name}.png", title)
        wave.write(f"{results}-{name}.wav", first, rate)
    return copies, seconds


def score_distances(
    copies: Mapping[str, Sequence[np.ndarray]], sounds: Sequence[np.ndarray], mel: MelConfig
) -> dict[str, dict[str, Any]]:
    """Measures how far copies lie from the recordings, means over recordings with a standard error.

    Args:
      copies: N of each method, by its name.
      sounds: N recordings, [T] float32.
      mel: settings of the spectrograms.
    """
    values = {}
    for name, own in copies.items():
        rows = [spectral_distances(audio, copy, mel) for audio, copy in zip(sounds, own, strict=True)]
        values[name] = {
            key: {
                "mean": float(np.mean(column)),
                "standard_error": float(np.std(column, ddof=min(1, len(column) - 1)) / np.sqrt(len(column))),
            }
            for key in rows[0]
            for column in [[row[key] for row in rows]]
        }
    return values


def spectral_distances(audio: np.ndarray, copy: np.ndarray, mel: MelConfig) -> dict[str, float]:
    """Measures how far the spectra of a copy lie from those of a recording, over frames in which that sounds.

    Args:
      audio: [T] float amplitudes.
      copy: [T] float amplitudes; a little shorter or longer at the end.
      mel: settings of the spectrograms.

    Returns:
      In dB: `log_spectral_distance`, the root mean square over the K bins, and `mel_distance` over the M bands, means
      over frames; `bias_N`, the mean difference, copy minus recording, of the bins from N Hz to the next edge.
    """
    length = min(len(audio), len(copy))
    original, imitation = (log_magnitude(one[:length], mel) * _DB for one in (audio, copy))
    level = 10 * np.log10(np.mean(10 ** (original / 10), axis=1))
    active = level > level.max() - _ACTIVE
    difference = (imitation - original)[active]
    bands = (log_mel(copy[:length], mel) - log_mel(audio[:length], mel))[active] * _DB
    frequency = np.arange(mel.bins) * mel.sample_rate / mel.fourier
    edges = [*(edge for edge in _EDGES if edge < mel.sample_rate / 2), mel.sample_rate / 2 + 1]
    return {
        "log_spectral_distance": float(np.mean(np.sqrt(np.mean(difference**2, axis=1)))),
        "mel_distance": float(np.mean(np.sqrt(np.mean(bands**2, axis=1)))),
    } | {
        f"bias_{low}": float(np.mean(difference[:, (frequency >= low) & (frequency < high)]))
        for low, high in itertools.pairwise(edges)
    }


def labelled_strings(recordings: Recordings, sources: Sequence[LabelledRecording]) -> list[list[str]]:
    """Lists the phones of recordings of a data set by the labels of the files that they come from.

    Args:
      recordings: N of a split.
      sources: recordings with labels, among them those of the data set.

    Raises:
      ValueError: a recording is of none of them.
    """
    rate, strings, source = recordings.sample_rate, [], 0
    sounds = LabelledSounds(sources, rate)
    for i in range(len(recordings)):
        samples = recordings.read(i)
        source, offset = find_source(samples, sounds, source)
        labels = None if source < 0 else sources[source].labels
        if labels is None or labels.onset is None or labels.end is None:
            raise ValueError(f"recording {i} of the split {recordings.split} has no labels with times")
        middles = (labels.onset + labels.end) / 2 * rate
        within = (middles >= offset) & (middles < offset + len(samples))
        own = [symbol for symbol, inside in zip(labels.symbols, within, strict=True) if inside]
        strings.append([symbol for symbol in own if symbol not in UNCOUNTED])
    return strings


def score_phones(
    copies: Mapping[str, Sequence[np.ndarray]], strings: Sequence[Sequence[str]], rate: int, ear: Ear
) -> dict[str, dict[str, Any]]:
    """Scores the phones that an ear hears in copies, beside those of the labels, with 95 % intervals over recordings.

    Args:
      copies: N of each method, by its name; `recording` are the recordings themselves.
      strings: N, right phones.
      rate: samples per second.
      ear: that hears.

    Returns:
      By the reading of the strings and the method: `rate` of errors with `low` and `high`, and `above_recording`, the
      difference from the recordings' with its interval.
    """
    strings_by_name = {}
    with Progress("hearing", sum(map(len, copies.values())), "copies") as progress:
        for name, own in copies.items():
            strings_by_name[name] = []
            for audio in own:
                strings_by_name[name].append(
                    [
                        symbol
                        for symbol in hear(audio, rate, ear, match_spectrum=False).symbols
                        if symbol not in UNCOUNTED
                    ]
                )
                progress.update()
    scores: dict[str, dict[str, Any]] = {}
    for reading, read in PHONES.items():
        right = [read(one) for one in strings]
        lengths = np.array([len(one) for one in right], float)
        errors = {
            name: np.array(
                [count_errors(one, read(other)) for one, other in zip(right, own, strict=True)], float
            )
            for name, own in strings_by_name.items()
        }
        scores[reading] = {
            name: _interval("rate", own, lengths)
            | {"above_recording": _interval("rate", own - errors["recording"], lengths)}
            for name, own in errors.items()
        }
    return scores


def _interval(name: str, errors: np.ndarray, lengths: np.ndarray) -> dict[str, float]:
    """Computes errors over phones, with an interval.

    Args:
      name: of the value.
      errors: [N], or differences of two methods.
      lengths: [N] phones.
    """
    low, high = bootstrap(lambda at: errors[at].sum() / lengths[at].sum(), len(lengths))
    return {name: float(errors.sum() / lengths.sum()), "low": low, "high": high}
