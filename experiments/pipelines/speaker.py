"""Kinds of experiments that compare one speaker with people: recorded calls, and people themselves."""

import collections
import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.timing.evaluation.speaker.comparison import compare_speaker, reference_size
from babble_jax.timing.evaluation.speaker.comparison_picture import plot_speaker_comparison
from babble_jax.timing.evaluation.speaker.comparison_text import TITLES
from babble_jax.timing.preset import load_timing
from experiments.pipelines.corpora import read_corpus


@dataclasses.dataclass(frozen=True)
class SpeakerExperiment:
    """Compares one speaker of recordings with people of several presets.

    Attributes:
      recordings: folder in `BABBLE_CORPORA` of recordings with a speaker on each channel.
      speaker: name of the speaker.
      presets: names of the presets; the picture is of the first.
    """

    recordings: str
    speaker: str
    presets: tuple[str, ...]

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Reads the recordings and compares; no sound and no words are stored.

        Args:
          work: unused.
          results: path of the picture, without its ending.

        Returns:
          `comparisons`: what `babble compare --against --json` prints of the speaker, by preset.
        """
        del work
        folder = os.environ.get("BABBLE_CORPORA")
        if not folder:
            raise BabbleError("Set BABBLE_CORPORA to the folder that holds the recordings.")
        conversations = read(Path(folder) / self.recordings, "channels").conversations
        comparisons = {}
        for name in self.presets:
            count, seconds = reference_size(conversations)
            people = load_timing(name).draw_dialogues(0, count, seconds)
            comparison = compare_speaker(conversations, self.speaker, people)
            comparisons[name] = comparison.to_json()
            for row in comparisons[name]["rows"]:
                row["title"] = TITLES[row["name"], row["by"]]
            if name == self.presets[0]:
                plot_speaker_comparison(results.with_suffix(".png"), comparison, name)
        return {"comparisons": comparisons}


@dataclasses.dataclass(frozen=True)
class PeopleExperiment:
    """Compares real people, one by one, with people who are simulated from a preset of the same corpus.

    Attributes:
      corpora: for each preset the folder in `BABBLE_CORPORA`.
      seconds: length of the beginning of each conversation that is taken.
      most: number of conversations of a corpus at most, in random order.
    """

    corpora: dict[str, str]
    seconds: float = 240.0
    most: int = 100

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Compares each speaker of each conversation.

        Args:
          work: unused.
          results: unused.

        Returns:
          By preset: number of conversations and of speakers, and of each measure of a speaker the shares of speakers
          below, within and above the range of 95 % of the simulated people.
        """
        del work, results
        return {
            "seconds": self.seconds,
            "presets": {name: self._compare(name, folder) for name, folder in self.corpora.items()},
        }

    def _compare(self, preset: str, folder: str) -> dict[str, Any]:
        stretches = self._select(preset, read_corpus(folder))
        count, seconds = reference_size(stretches)
        people = load_timing(preset).draw_dialogues(0, count, seconds)
        verdicts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        titles, speakers = {}, 0
        for stretch in stretches:
            for name in stretch.speakers:
                comparison = compare_speaker([stretch], name, people)
                speakers += 1
                for row in comparison.rows:
                    if row.by != "others" and row.verdict is not None:  # the other one is compared, too
                        verdicts[row.name][row.verdict] += 1
                        titles[row.name] = TITLES[row.name, row.by]
        rows = [
            {
                "name": name,
                "title": titles[name],
                "speakers": counts.total(),
                **{verdict: counts[verdict] / counts.total() for verdict in ("below", "within", "above")},
            }
            for name, counts in verdicts.items()
        ]
        return {"conversations": len(stretches), "speakers": speakers, "rows": rows}

    def _select(self, preset: str, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Cuts the beginnings of the conversations that the preset was fitted on."""
        eyes = {"maptask-eye-contact": "e", "maptask-no-eye-contact": "n"}.get(preset)
        order = np.random.default_rng(0).permutation(len(conversations))
        stretches = []
        for conversation in (conversations[i] for i in order):
            first, last = conversation.windows[0]
            if last - first >= self.seconds and eyes in (None, conversation.id[2]):
                window = np.array([[first, first + self.seconds]])
                stretches.append(dataclasses.replace(conversation, windows=window))
        return stretches[: self.most]
