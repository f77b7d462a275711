"""The kind of experiment that trains a voice of new speakers, beginning from a voice of others."""

import dataclasses
from pathlib import Path

from babble_jax.input_files import is_file
from babble_jax.pretrained.pretrained import load_voice, save_voice
from babble_jax.train.tasks.voice.adaptation.speaker import make_new_speakers
from babble_jax.train.tasks.voice.task import VoiceTask
from experiments.pipelines.babbler import BabblerExperiment


@dataclasses.dataclass(frozen=True, kw_only=True)
class NewSpeakersExperiment(BabblerExperiment):
    """Trains one voice of new speakers, beginning from a voice of others of the same model.

    Attributes:
      voice: its name or folder.
      rows: by new speaker, the speaker of that voice whose row its training begins with.
    """

    voice: str
    rows: dict[str, str]

    def first_voice(self, task: VoiceTask, work: Path) -> str:
        """Makes the voice of the new speakers before any update, unless it is there or another start is named.

        Args:
          task: of the training.
          work: folder of the run.

        Returns:
          Its folder.

        Raises:
          BabbleError: see `make_new_speakers`.
        """
        folder = work / "start"
        if not self.start and not is_file(folder / "voice.json"):
            save_voice(make_new_speakers(load_voice(self.voice), task, self.rows), folder)
        return self.start or str(folder)
