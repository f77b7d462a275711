"""The kind of experiment that trains a voice of new speakers, whose recordings are brought to one level.

Axes: T samples.
"""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db
from babble_jax.dataset import recipes, recordings
from babble_jax.dataset.preparation import list_sound_files
from babble_jax.dataset.tfds_folder import PEAK
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.progress import Progress
from babble_jax.train.tasks.voice.task import VoiceTask, describe_dataset
from experiments.pipelines.datasets import SpeechFiles
from experiments.pipelines.new_speakers import NewSpeakersExperiment

_LOUDEST = 0.9999  # quantile of the magnitudes of a recording that counts as its peak: a click does not


@dataclasses.dataclass(frozen=True, kw_only=True)
class LeveledSpeakersExperiment(NewSpeakersExperiment):
    """Trains one voice of new speakers at the level and with the gain of the voice that it begins from.

    Attributes:
      recordings: of speakers in folders, by name; those of `sources` are others.
      level_db: level to which each recording is brought, dB of full scale over its active frames, unless its peak would
        pass that of the recordings of the voice.
    """

    recordings: dict[str, SpeechFiles]
    level_db: float

    def build_dataset(self, dataset: Path) -> None:
        """Builds the data set unless it is there.

        Args:
          dataset: its folder.

        Raises:
          BabbleError: a speaker lacks recordings, or one cannot be read.
        """
        if dataset.exists():
            return
        paths_by_speaker = {name: files.find(self.collections) for name, files in self.recordings.items()}
        peak = PEAK / load_voice(self.voice).config.gain
        with tempfile.TemporaryDirectory() as name:
            fetched, leveled = (Path(name) / part for part in ("fetched", "leveled"))
            fetched.mkdir()
            for source in self.sources:
                folder = recipes.fetch_recipe(source, fetched)
                paths_by_speaker[source] = [folder / one for one in list_sound_files(folder)]
            for speaker, paths in paths_by_speaker.items():
                with Progress(f"bringing {speaker} to its level", len(paths), "files") as progress:
                    for path in paths:
                        audio = read_at_level(path, self.sample_rate, self.level_db, peak)
                        wave.write(leveled / speaker / f"{path.stem}.wav", audio, self.sample_rate)
                        progress.update()
            folders = [leveled / speaker for speaker in paths_by_speaker]
            recordings.build_from_folders(folders, dataset, self.sample_rate, pad=self.pad)

    def task(self, dataset: Path) -> VoiceTask:
        """Makes the task whose values all parts share, with the gain of the voice that it begins from.

        Args:
          dataset: folder of the data set.
        """
        config, gain = self.config(dataset), load_voice(self.voice).config.gain
        return VoiceTask(config, dataclasses.replace(describe_dataset(config), gain=gain))


def read_at_level(path: Path, rate: int, level_db: float, peak: float) -> np.ndarray:
    """Reads a recording, and brings it to a level, or to a peak where that comes first.

    Args:
      path: of the sound file.
      rate: Hz of the samples that are returned.
      level_db: dB of full scale, over its active frames.
      peak: largest amplitude, clicks left out.

    Returns:
      [T] float amplitudes.

    Raises:
      BabbleError: it cannot be read, or is silent.
    """
    audio = wave.read_sound(path, rate).audio
    level, loudest = active_level_db(audio, rate), float(np.quantile(np.abs(audio), _LOUDEST))
    if not loudest or not np.isfinite(level):
        raise BabbleError(f"{path}: holds nothing but silence; leave the file out.")
    return audio * np.float32(min(10 ** ((level_db - level) / 20), peak / loudest))
