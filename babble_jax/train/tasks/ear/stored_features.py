"""Features of all recordings of a run: computed once, and stored in its folder as float16.

`features.f16` holds the frames of one recording after another, [F, M] each; `features.json` the number of frames of
each recording, and a fingerprint of what they were computed from.

Axes: R recordings, F mel frames, M bands.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.ear.config import EarConfig
from babble_jax.ear.features import features
from babble_jax.input_files import is_file, read_json
from babble_jax.progress import Progress

ANALYSIS_VERSION = 1
"""Of the features; it is raised when their values change."""
FEATURES, INDEX = "features.f16", "features.json"


class StoredFeatures:
    """Features of recordings on disk.

    Args:
      path: of the file.
      frames: [R] frames of each recording.
      bands: M.
    """

    def __init__(self, path: Path, frames: Sequence[int], bands: int):
        self.frames = np.asarray(frames, np.int64)
        self._firsts = np.concatenate([[0], np.cumsum(self.frames)])
        self._array = np.memmap(path, np.float16, "r", shape=(int(self._firsts[-1]), bands))

    def read(self, i: int, first: int = 0, stop: int | None = None) -> np.ndarray:
        """Reads frames of recording i.

        Args:
          i: number of the recording.
          first: frame.
          stop: frame after the last one; None for all to the end.

        Returns:
          [F, M] float16 dB.
        """
        start = int(self._firsts[i])
        end = int(self._firsts[i + 1]) if stop is None else min(start + stop, int(self._firsts[i + 1]))
        return np.array(self._array[start + first : end])


def load_or_compute_features(
    recordings: Sequence[LabelledRecording], digests: Sequence[str], config: EarConfig, workdir: Path
) -> StoredFeatures:
    """Opens the features that a run has stored, or computes and stores them.

    Args:
      recordings: R recordings.
      digests: of the file of each one.
      config: of the ear.
      workdir: folder of the run.

    Raises:
      BabbleError: a recording cannot be read, or the features cannot be written.
    """
    settings = [ANALYSIS_VERSION, config.bands, config.hop, config.sample_rate, list(digests)]
    fingerprint = hashlib.sha256(json.dumps(settings).encode()).hexdigest()
    path, index = workdir / FEATURES, workdir / INDEX
    if is_file(path) and is_file(index):
        stored = read_json(index)
        if isinstance(stored, dict) and stored.get("fingerprint") == fingerprint:
            frames = [int(count) for count in stored["frames"]]
            if path.stat().st_size == 2 * config.bands * sum(frames):
                return StoredFeatures(path, frames, config.bands)
    frames = []
    with (
        files.atomic_write(path) as temporary,
        temporary.open("wb") as stream,
        Progress("features", len(recordings), "recordings") as progress,
    ):
        for one in recordings:
            sound = wave.read_sound(one.path, config.sample_rate)
            rows = features(sound.audio, config).astype(np.float16)
            frames.append(len(rows))
            stream.write(rows.tobytes())
            progress.update()
    files.write_json(index, {"fingerprint": fingerprint, "frames": frames})
    return StoredFeatures(path, frames, config.bands)
