"""The kind of experiment that judges speakers beside their held-out recordings, of which no reference ships."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax import config
from babble_jax.judge import reference
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.progress import Progress
from experiments.pipelines.babbler import BabblerExperiment
from experiments.pipelines.judging import SECONDS, find_speakers, held_out, judge_speaker
from experiments.pipelines.leveled_speakers import LeveledSpeakersExperiment
from experiments.pipelines.new_speakers import NewSpeakersExperiment


@dataclasses.dataclass(frozen=True)
class SpeakersJudgedExperiment:
    """Judges the speakers of a voice beside held-out recordings, at its own temperature.

    Attributes:
      run_of: the experiment that trained the voice, whose data set is made again.
      run_name: its name.
      speakers: name in the voice that ships of each speaker of the data set.
      voice: its name, or its folder; before its release its speakers have the names of the data set's. Which it is, is
        no value of the experiment.
      collections: folder of all collections of sound files, as in `BabblerExperiment`.
    """

    run_of: LeveledSpeakersExperiment | NewSpeakersExperiment | BabblerExperiment
    run_name: str
    speakers: dict[str, str]
    voice: str = dataclasses.field(default="", compare=False)
    collections: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Judges the voice.

        Args:
          work: folder for the data set.
          results: path, without suffix, of the pictures of each speaker.

        Returns:
          `temperature` of the samples; `references`, of the recordings of each speaker; `judged`, of each speaker what
          `judge_speaker` returns.

        Raises:
          BabbleError: there is no such voice, or it lacks a speaker.
        """
        voice, own = load_voice(self.voice), self.run_of
        names = find_speakers(voice, self.speakers, self.voice, self.run_name)
        dataclasses.replace(own, collections=self.collections).build_dataset(work / "dataset")
        references, judged = [], {}
        with Progress("judging", len(self.speakers), "speakers") as progress:
            for source, speaker in self.speakers.items():
                speech = held_out(work / "dataset", source)
                real = reference.measure_reference(speech, own.sample_rate, speaker, source)
                sample = functools.partial(_sample, voice, names[speaker])
                judged[speaker] = judge_speaker(sample, own.sample_rate, speaker, real, results)
                references.append(config.to_json(real))
                progress.update()
        return {"temperature": voice.sampling().temperature, "references": references, "judged": judged}


def _sample(voice: PretrainedVoice, speaker: str, seed: int, count: int) -> np.ndarray:
    return speak_streams(voice, SECONDS, count, speaker=speaker, seed=seed)
