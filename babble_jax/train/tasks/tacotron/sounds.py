"""Spectrograms of pieces of recordings, computed from the sound when they are needed, and the prosody of all phones.

Axes: F frames, M mel bands, K bins, N phones.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import safetensors.numpy

from babble_jax import files
from babble_jax.audio import mel_spectrogram, wave
from babble_jax.audio.mel_spectrogram import MelConfig
from babble_jax.dataset.labelled.recording import SILENCE, LabelledRecording
from babble_jax.input_files import is_file, read_bytes
from babble_jax.progress import Progress
from babble_jax.tacotron.measured_prosody import Contours, measure_contours, measure_phones
from babble_jax.train.interruption import check_interruption
from babble_jax.train.tasks.tacotron.pieces import Piece

CONTOURS = "contours.safetensors"
"""Pitch and level of the recordings, in the folder of a run."""
_MOST_BYTES = 4 * 1024**3


class Sounds:
    """Sound of recordings.

    Args:
      recordings: of a folder.
      config: settings of the spectrograms.
    """

    def __init__(self, recordings: Sequence[LabelledRecording], config: MelConfig):
        self._recordings, self._config = recordings, config
        self._read = functools.lru_cache(maxsize=2)(self._read_recording)

    def _read_recording(self, number: int) -> np.ndarray:
        return wave.read_sound(self._recordings[number].path, self._config.sample_rate).audio

    def audio(self, piece: Piece) -> np.ndarray:
        """Returns the sound of a piece, [T] float32 amplitudes, from its first frame to the one after its last."""
        hop = self._config.hop
        return self._read(piece.recording)[piece.first * hop : (piece.first + piece.frames) * hop]

    def frames(self, piece: Piece) -> np.ndarray:
        """Computes the normalized log mel of a piece, [F, M] float32: those frames of the recording's."""
        return self._compute(piece, mel_spectrogram.log_mel)

    def linear(self, piece: Piece) -> np.ndarray:
        """Computes the normalized log magnitudes of a piece, [F, K] float32."""
        return self._compute(piece, mel_spectrogram.log_magnitude)

    def _compute(self, piece: Piece, analyse: Callable[[np.ndarray, MelConfig], np.ndarray]) -> np.ndarray:
        """Computes frames of a recording from the samples around them; silence after the end of the sound.

        Args:
          piece: whose frames they are.
          analyse: computes a spectrogram of amplitudes.
        """
        config = self._config
        margin = -(-config.fourier // config.hop)
        begin = max(0, piece.first - margin)
        stop = piece.first + piece.frames
        audio = self._read(piece.recording)[begin * config.hop : (stop - 1 + margin) * config.hop]
        rows = analyse(audio, config)[piece.first - begin : stop - begin]
        missing = ((0, piece.frames - len(rows)), (0, 0))
        rows = np.pad(rows, missing, constant_values=mel_spectrogram.LOWEST)
        return mel_spectrogram.normalize(rows, config)


def load_or_measure_contours(
    recordings: Sequence[LabelledRecording], digests: Sequence[str], rate: int, workdir: Path
) -> list[Contours]:
    """Loads pitch and level of recordings from the folder of a run, or measures and stores them.

    Args:
      recordings: of a folder.
      digests: of the file of each.
      rate: Hz at which they are measured.
      workdir: folder of the run.

    Raises:
      BabbleError: a recording cannot be read, or the folder not be written.
    """
    fingerprint = hashlib.sha256(json.dumps([rate, list(digests)]).encode()).hexdigest()
    path = workdir / f"{CONTOURS.split('.')[0]}-{fingerprint[:12]}.safetensors"
    if is_file(path):
        arrays = safetensors.numpy.load(read_bytes(path, _MOST_BYTES))
        return [Contours(arrays[f"f0/{i}"], arrays[f"level/{i}"]) for i in range(len(recordings))]
    contours = []
    with Progress("pitch and level", len(recordings), "recordings") as progress:
        for one in recordings:
            check_interruption()
            measured = measure_contours(wave.read_sound(one.path, rate).audio, rate)
            contours.append(Contours(*(x.astype(np.float32) for x in measured)))
            progress.update()
    arrays = {f"{name}/{i}": x for i, one in enumerate(contours) for name, x in one._asdict().items()}
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(safetensors.numpy.save(arrays))
    return contours


def measure_recordings(
    recordings: Sequence[LabelledRecording], contours: Sequence[Contours], speakers: Sequence[int]
) -> list[Mapping[str, np.ndarray] | None]:
    """Measures the prosody of the phones of recordings; None for one without times.

    Args:
      recordings: of a folder.
      contours: of each.
      speakers: number of the speaker of each, whose median pitch its f0 is relative to.
    """
    voiced: dict[int, list[np.ndarray]] = {}
    for one, speaker in zip(contours, speakers, strict=True):
        voiced.setdefault(speaker, []).append(one.f0[np.isfinite(one.f0)])
    medians = {}
    for speaker, parts in voiced.items():
        every = np.concatenate(parts)
        medians[speaker] = float(np.median(every)) if len(every) else 0.0
    result: list[Mapping[str, np.ndarray] | None] = []
    for recording, one, speaker in zip(recordings, contours, speakers, strict=True):
        labels = recording.labels
        if labels is None or labels.onset is None or labels.end is None or not labels.symbols:
            result.append(None)
            continue
        silent = [symbol == SILENCE for symbol in labels.symbols]
        result.append(measure_phones(one, labels.onset, labels.end, silent, medians[speaker]))
    return result
