"""Scores of a model from phones to spectrograms, by how it says pieces of recordings that are held out.

Each piece is rendered in several ways, by name: `with_prosody`, with the prosody of the recording; `phones_alone`, from
its phones alone; `copy`, by Griffin-Lim from the true mel, the ceiling; `mean_frame`, one frame all along, the floor of
the spectra.

Axes: P pieces, F frames, M mel bands, N phones, T samples.
"""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import librosa
import numpy as np
import scipy.fft

from babble_jax.audio import mel_spectrogram, wave
from babble_jax.audio.pitch import HOP, f0_contour
from babble_jax.dataset.labelled.recording import SILENCE
from babble_jax.ear.ear import Ear
from babble_jax.ear.spelling import read_symbols
from babble_jax.errors import BabbleError
from babble_jax.pretrained.hearing import align
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer
from babble_jax.progress import Progress
from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION
from babble_jax.tacotron.measured_prosody import measure_contours, measure_phones
from babble_jax.tacotron.speech import Speech
from babble_jax.train.tasks.tacotron.pieces import Piece
from babble_jax.train.tasks.tacotron.sounds import Sounds
from experiments.pipelines.copies import score_phones
from experiments.pipelines.synthesis_picture import plot_attentions

RECORDING, COPY, MEAN_FRAME = "recording", "copy", "mean_frame"
WITH_PROSODY, PHONES_ALONE = "with_prosody", "phones_alone"
NEAR = 0.050
"""Seconds within which the end of a phone counts as found."""
MOST_TIMES = 2.0
"""Length at which speech is cut off, relative to the longest recording."""
_CEPSTRA = 13
_OCTAVE = 12.0  # semitones
_UNITS = {LOG_DURATION: "ms", F0: "semitones", LEVEL: "dB"}


@dataclasses.dataclass(frozen=True, eq=False)
class Rendition:
    """A piece of a recording, and ways to say it.

    Attributes:
      piece: of the recording.
      symbols: N names of its phones.
      mels: [F, M] log mel, natural logarithm, by the name of the way; `recording` is the true one.
      sounds: [T] float amplitudes by the name of the way; without `mean_frame`.
      spoken: what the model has spoken, by the name of the way.
    """

    piece: Piece
    symbols: list[str]
    mels: dict[str, np.ndarray]
    sounds: dict[str, np.ndarray]
    spoken: dict[str, Speech]


def render_pieces(model: PretrainedSynthesizer, pieces: Sequence[Piece], sounds: Sounds) -> list[Rendition]:
    """Says pieces in all ways.

    Args:
      model: that speaks.
      pieces: P of them.
      sounds: of their recordings.
    """
    settings, names, renditions = model.config.mel, model.config.inputs.symbols, []
    true = [mel_spectrogram.denormalize(sounds.frames(piece), settings) for piece in pieces]
    mean = np.concatenate(true).mean(axis=0)
    seconds = _longest_seconds(model, pieces)
    with Progress("speaking", len(pieces), "pieces") as progress:
        for piece, mel in zip(pieces, true, strict=True):
            symbols, channels = [names[i] for i in piece.phones], prosody_channels(model, piece)
            spoken = {PHONES_ALONE: model.speak(symbols, seconds=seconds)}
            if channels is not None:
                spoken = {WITH_PROSODY: model.speak(symbols, channels, seconds=seconds)} | spoken
            copy = mel_spectrogram.griffin_lim(mel_spectrogram.mel_magnitude(mel, settings), settings)
            audios = {RECORDING: sounds.audio(piece), COPY: copy} | {
                name: speech.audio() for name, speech in spoken.items()
            }
            mels = {RECORDING: mel, COPY: mel_spectrogram.log_mel(copy, settings)} | {
                name: speech.mel for name, speech in spoken.items()
            }
            mels[MEAN_FRAME] = np.tile(mean, (len(mel), 1))
            renditions.append(Rendition(piece, symbols, mels, audios, spoken))
            progress.update()
    return renditions


def prosody_channels(model: PretrainedSynthesizer, piece: Piece) -> dict[str, np.ndarray] | None:
    """Returns the prosody of a piece by the name of the channel; None where the model is told none."""
    if piece.prosody is None:
        return None
    return {name: piece.prosody[:, i] for i, name in enumerate(model.config.inputs.prosody)}


def score_pieces(
    model: PretrainedSynthesizer, pieces: Sequence[Piece], sounds: Sounds, ear: Ear | None, results: Path
) -> dict[str, Any]:
    """Scores how a model says held-out pieces.

    Args:
      model: that speaks.
      pieces: of the test split, with times.
      sounds: of their recordings.
      ear: that hears them; None for none, and so no scores of phones and of prosody.
      results: path, without suffix, of the sound of the first piece in each way, and of a picture of the attention.
    """
    renditions, rate = render_pieces(model, pieces, sounds), model.config.mel.sample_rate
    values: dict[str, Any] = {
        "pieces": len(pieces),
        "phones": sum(len(one.symbols) for one in renditions),
        "processor_seconds_per_second": _speed(model, renditions[:8], _longest_seconds(model, pieces)),
    }
    for name, audio in renditions[0].sounds.items():
        wave.write(f"{results}-{name}.wav", audio, rate)
    spoken = [one.spoken.get(WITH_PROSODY) or one.spoken[PHONES_ALONE] for one in renditions]
    plot_attentions(Path(f"{results}-attentions.png"), spoken)
    values["spectra"] = score_spectra(renditions)
    values["ends"] = score_ends(model, renditions)
    values["pitch"] = score_pitch(model, renditions)
    if ear is not None:
        strings = [[symbol for symbol in one.symbols if symbol != SILENCE] for one in renditions]
        audios = {name: [one.sounds[name] for one in renditions] for name in renditions[0].sounds}
        values["phone_errors"] = score_phones(audios, strings, rate, ear)
        values["prosody"] = score_prosody(model, renditions, ear)
    return values


def _longest_seconds(model: PretrainedSynthesizer, pieces: Sequence[Piece]) -> float:
    """Returns the seconds at which speech is cut off; another number would be compiled anew."""
    return MOST_TIMES * max(piece.frames for piece in pieces) * model.config.mel.hop_seconds


def _speed(model: PretrainedSynthesizer, renditions: Sequence[Rendition], limit: float) -> float:
    """Measures processor seconds for a second of mel, of pieces that the model has spoken up to the same limit."""
    frames, start = 0, time.process_time()
    for one in renditions:
        frames += len(model.speak(one.symbols, seconds=limit).mel)
    return (time.process_time() - start) / (frames * model.config.mel.hop_seconds)


def score_spectra(renditions: Sequence[Rendition]) -> dict[str, dict[str, float | None]]:
    """Measures mel-cepstral distortion in dB and the ratio of lengths, means over pieces, by the name of the way."""
    values = {}
    with Progress("comparing spectra", len(renditions), "pieces") as progress:
        rows: dict[str, list[tuple[float, float]]] = {}
        for one in renditions:
            true = one.mels[RECORDING]
            for name in (name for name in one.mels if name != RECORDING):
                mel = one.mels[name]
                rows.setdefault(name, []).append((align_spectra(mel, true).distortion, len(mel) / len(true)))
            progress.update()
    for name, pairs in rows.items():
        distortion, length = np.array(pairs).T
        values[name] = _mean("cepstral_distortion_db", distortion) | {"length": float(np.mean(length))}
    return values


class SpectraAlignment(NamedTuple):
    """The best alignment of two spectrograms (dynamic time warping).

    Attributes:
      distortion: mel-cepstral distortion in dB along it.
      path: [L, 2] frames of both.
    """

    distortion: float
    path: np.ndarray


def align_spectra(one: np.ndarray, other: np.ndarray) -> SpectraAlignment:
    """Aligns two log-mel spectrograms by their cepstra.

    10 / ln 10 sqrt(2 sum of the squared differences of cepstra 1 to 13), mean over the alignment (Kubichek 1993). The
    cepstra are of log magnitudes in mel bands, so that values compare with each other, not with those of a vocoder.

    Args:
      one: [F, M] natural logarithm of magnitudes.
      other: [G, M].
    """
    first, second = (
        np.asarray(scipy.fft.dct(x, axis=1, norm="ortho"))[:, 1 : _CEPSTRA + 1].T * np.sqrt(2 / x.shape[1])
        for x in (one, other)
    )
    cost, path = librosa.sequence.dtw(first, second, metric="euclidean")
    return SpectraAlignment(float(10 / np.log(10) * np.sqrt(2) * cost[-1, -1] / len(path)), path[::-1])


def score_ends(model: PretrainedSynthesizer, renditions: Sequence[Rendition]) -> dict[str, float] | None:
    """Measures how far from the labels the attention ends the phones, with the true frames as the last ones.

    Args:
      model: whose attention it is.
      renditions: pieces; those without times are left out.
    """
    pieces = [one for one in renditions if one.piece.ends is not None]
    if not pieces:
        return None
    settings, reduction, off = model.config.mel, model.model.reduction, []
    count = -(-max(one.piece.frames for one in pieces) // reduction) * reduction
    predict = jax.jit(model.model.apply)
    with Progress("aligning", len(pieces), "pieces") as progress:
        for one in pieces:
            true = one.mels[RECORDING]
            steps = -(-len(true) // reduction)
            frames = mel_spectrogram.normalize(true, settings)
            frames = np.pad(frames, ((0, count - len(frames)), (0, 0)), mode="edge")
            inputs = model.inputs(one.symbols, prosody_channels(model, one.piece))
            lengths = np.array([steps * reduction], np.int32)
            output = predict(model.params, inputs, frames[None], lengths, jax.random.key(0)[None])
            attention = np.asarray(output.attention[0])[:steps, : len(one.symbols)]
            ends = Speech(model.config, true, np.zeros((0, 0)), attention, True).phone_ends()
            assert one.piece.ends is not None
            off += np.abs(ends - one.piece.ends * settings.hop_seconds)[:-1].tolist()
            progress.update()
    if not off:
        return None
    return {"median_ms": 1000 * float(np.median(off)), "within_50_ms": float(np.mean(np.array(off) <= NEAR))}


def score_pitch(
    model: PretrainedSynthesizer, renditions: Sequence[Rendition]
) -> dict[str, dict[str, float | None]]:
    """Measures the error of pitch in semitones beside the recordings, means over pieces, by the name of the way.

    Frames are those of the alignment of the spectra. `median` is one pitch all along, the median of all recordings.

    Args:
      model: that has spoken them.
      renditions: pieces.

    Returns:
      error_semitones: root mean square where both are voiced; voicing: share of frames where one alone is voiced.
    """
    rate, hop = model.config.mel.sample_rate, model.config.mel.hop_seconds
    true = [f0_contour(one.sounds[RECORDING], rate) for one in renditions]
    median = np.nanmedian(np.concatenate(true))
    rows: dict[str, list[tuple[float, float]]] = {}
    with Progress("comparing pitch", len(renditions), "pieces") as progress:
        for one, own in zip(renditions, true, strict=True):
            for name in (name for name in one.sounds if name != RECORDING):
                path = align_spectra(one.mels[name], one.mels[RECORDING]).path
                other = f0_contour(one.sounds[name], rate)
                values = (_at(contour, path[:, column] * hop) for column, contour in enumerate((other, own)))
                rows.setdefault(name, []).append(pitch_error(*values))
            rows.setdefault("median", []).append(pitch_error(np.where(np.isnan(own), own, median), own))
            progress.update()
    scores = {}
    for name, pairs in rows.items():
        error, voicing = np.array(pairs).T
        scores[name] = _mean("error_semitones", error[np.isfinite(error)]) | {
            "voicing": float(voicing.mean())
        }
    scores["median"]["voicing"] = None  # it is voiced where the recording is
    return scores


def _at(contour: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Returns the values of a contour [F] of pitch at some times."""
    return contour[np.minimum((seconds / HOP + 1e-6).astype(int), len(contour) - 1)]


def pitch_error(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Compares two contours of pitch frame by frame.

    Args:
      one: [L] Hz, NaN where it is not voiced.
      other: [L] Hz.

    Returns:
      Root mean square of the differences in semitones where both are voiced, NaN where they nowhere are; share of the
      frames in which one alone is voiced.
    """
    voiced = np.isfinite(one) & np.isfinite(other)
    either = np.isfinite(one) != np.isfinite(other)
    semitones = _OCTAVE * np.log2(one[voiced] / other[voiced])
    error = float(np.sqrt(np.mean(semitones**2))) if len(semitones) else np.nan
    return error, float(np.mean(either))


def score_prosody(
    model: PretrainedSynthesizer, renditions: Sequence[Rendition], ear: Ear
) -> dict[str, dict[str, Any]]:
    """Compares the prosody that is asked for with what is measured in the sound, by the name of the way.

    When phones begin and end in the sound, the ear finds by aligning them. The ways `recording` and `copy` show how
    much of the difference is that of the measurement; `phones_alone` shows what comes without asking.

    Args:
      model: that has spoken them.
      renditions: pieces.
      ear: that aligns them.

    Returns:
      By channel: correlation and slope of measured on asked values (logarithms of durations), the median of the
      absolute differences in ms, semitones or dB, and the number of phones. Empty for a model that is told no prosody.
    """
    names = model.config.inputs.prosody
    if not names:
        return {}
    rate = model.config.mel.sample_rate
    contours = [f0_contour(one.sounds[RECORDING], rate) for one in renditions]
    median = float(np.nanmedian(np.concatenate(contours)))
    targets: dict[str, list[np.ndarray]] = {}
    measured: dict[str, list[np.ndarray]] = {}
    with Progress("measuring prosody", len(renditions), "pieces") as progress:
        for one in renditions:
            sounding = np.array([symbol != SILENCE for symbol in one.symbols])
            for name, audio in one.sounds.items():
                values = _measure(audio, rate, one.symbols, median, ear)
                if values is not None and one.piece.prosody is not None:
                    measured.setdefault(name, []).append(np.stack([values[c] for c in names], 1)[sounding])
                    targets.setdefault(name, []).append(one.piece.prosody[sounding])
            progress.update()
    return {
        name: {
            channel: compare_prosody(
                channel,
                np.concatenate(targets[name])[:, i],
                np.concatenate(measured[name])[:, i],
            )
            for i, channel in enumerate(names)
        }
        for name in measured
    }


def _measure(
    audio: np.ndarray, rate: int, symbols: Sequence[str], median: float, ear: Ear
) -> dict[str, np.ndarray] | None:
    """Measures the prosody of each phone, and of silences; None for a sound that is too short to be aligned.

    Raises:
      BabbleError: the ear does not have one of the phones.
    """
    silence = ear.config.silence
    phones = read_symbols([silence if symbol == SILENCE else symbol for symbol in symbols], ear.config)
    try:
        segments = align(audio, rate, phones, ear, match_spectrum=False).without((silence,))
    except BabbleError:
        return None
    silent = np.array([symbol == SILENCE for symbol in symbols])
    onset, end = np.zeros(len(symbols)), np.zeros(len(symbols))  # silences have no part in what is compared
    onset[~silent], end[~silent] = segments.onset, segments.end
    return measure_phones(measure_contours(audio, rate), onset, end, silent.tolist(), median)


def compare_prosody(channel: str, target: np.ndarray, measured: np.ndarray) -> dict[str, float]:
    """Compares what is asked for with what is measured.

    Args:
      channel: of `tacotron.config.PROSODY`; of pitch only phones count that are voiced in both.
      target: [N].
      measured: [N].
    """
    if channel == F0:
        voiced = (target != 0) & (measured != 0)
        target, measured = target[voiced], measured[voiced]
    if len(target) < 2 or not target.std() or not measured.std():
        return {"phones": len(target)}
    covariance = np.cov(target, measured)
    if channel == LOG_DURATION:
        off = 1000 * np.abs(np.exp(target) - np.exp(measured))
    else:
        off = np.abs(target - measured) * (_OCTAVE if channel == F0 else 10.0)
    return {
        "correlation": float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])),
        "slope": float(covariance[0, 1] / covariance[0, 0]),
        f"median_error_{_UNITS[channel]}": float(np.median(off)),
        "phones": len(target),
    }


def _mean(name: str, values: np.ndarray | Sequence[float]) -> dict[str, float | None]:
    """Computes a mean and its standard error, as `name` and `name_standard_error`; None without values."""
    count = len(values)
    error = float(np.std(values, ddof=1) / np.sqrt(count)) if count > 1 else None
    return {name: float(np.mean(values)) if count else None, f"{name}_standard_error": error}
