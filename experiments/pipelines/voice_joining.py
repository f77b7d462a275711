"""The kind of experiment that joins synthesizer, vocoder and phonotactics, and writes the voice into the package."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.dialogue.card_levels import store_levels
from babble_jax.presets import registry
from babble_jax.pretrained.tacotron_voice import join_voice, load_tacotron_voice, save_tacotron_voice
from experiments.pipelines.folder_release import find_folder
from experiments.pipelines.notice import write_section


@dataclasses.dataclass(frozen=True)
class VoiceJoining:
    """Joins what the latest runs of two experiments made to a voice that speaks phones.

    Attributes:
      name: of the voice that ships.
      synthesizer_run: experiment that trained the synthesizer.
      vocoder_run: experiment that trained the vocoder.
      phonotactics: name of those of each language, by its name in the synthesizer.
      source: where the recordings can be obtained, in one line.
      licence: their licence, in one line.
      temperature: default sampling temperature of the vocoder.
      notice: paragraphs of its section of the NOTICE beside the voices that ship.
      synthesizer: Folder in place of the run's. Which it is, is no value of the experiment.
      vocoder: Folder in place of the run's. Which it is, is no value of the experiment.
    """

    name: str
    synthesizer_run: str
    vocoder_run: str
    phonotactics: dict[str, str]
    source: str
    licence: str
    temperature: float
    notice: tuple[str, ...]
    synthesizer: str = dataclasses.field(default="", compare=False)
    vocoder: str = dataclasses.field(default="", compare=False)

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Writes the voice into the package, with its levels on its card.

        Args:
          work: folder of this run; those of the parts are the latest of their experiments.
          results: unused.

        Returns:
          Its size, and its card.

        Raises:
          BabbleError: there is no such run, or the parts do not fit together.
        """
        del results
        synthesizer = self.synthesizer or find_folder(work, self.synthesizer_run, "synthesizer")
        vocoder = self.vocoder or find_folder(work, self.vocoder_run, "voice")
        card = {"source": self.source, "licence": self.licence, "temperature": self.temperature}
        voice = join_voice(synthesizer, vocoder, self.phonotactics, card)
        target = registry.folder("voices") / self.name
        shutil.rmtree(target, ignore_errors=True)
        with files.atomic_folder(target, "voice") as folder:
            save_tacotron_voice(voice, folder)
            store_levels(folder)
        write_section(registry.folder("voices") / "NOTICE", self.name, self.notice)
        size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        return {"megabytes": size / 1e6, "card": load_tacotron_voice(target).card}
