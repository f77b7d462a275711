"""The kind of experiment that judges the speakers of a voice beside the references of their recordings."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.judge.reference import load_reference
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.pretrained.speaking import speak_streams
from babble_jax.progress import Progress
from experiments.pipelines.judging import SECONDS, find_speakers, judge_speaker


@dataclasses.dataclass(frozen=True)
class SpeakersJudgedExperiment:
    """Judges the speakers of a voice beside held-out recordings, at its own temperature.

    Attributes:
      run_name: experiment that trained the voice.
      speakers: name in the voice that ships of each speaker of the data set, after whom a reference that ships is
        named.
      voice: its name, or its folder; before its release its speakers have the names of the data set's. Which it is, is
        no value of the experiment.
    """

    run_name: str
    speakers: dict[str, str]
    voice: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Judges the voice.

        Args:
          work: unused.
          results: path, without suffix, of the pictures of each speaker.

        Returns:
          `temperature` of the samples; `judged`, of each speaker what `judge_speaker` returns.

        Raises:
          BabbleError: there is no such voice, it lacks a speaker, or no reference of one ships.
        """
        del work
        voice, judged = load_voice(self.voice), {}
        names = find_speakers(voice, self.speakers, self.voice, self.run_name)
        with Progress("judging", len(self.speakers), "speakers") as progress:
            for source, speaker in self.speakers.items():
                sample, real = functools.partial(_sample, voice, names[speaker]), load_reference(source)
                judged[speaker] = judge_speaker(sample, voice.config.sample_rate, speaker, real, results)
                progress.update()
        return {"temperature": voice.sampling().temperature, "judged": judged}


def _sample(voice: PretrainedVoice, speaker: str, seed: int, count: int) -> np.ndarray:
    return speak_streams(voice, SECONDS, count, speaker=speaker, seed=seed)
