"""Comparison of two corpora, presets or rendered dialogues, or of one speaker with people."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.annotation import AnnotationFormat, FtoLevel, LayoutOptions, Quiet
from babble_jax.cli.messages import print_json, report_reading
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder
from babble_jax.presets import registry
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from babble_jax.conversation.conversation import Conversation
    from babble_jax.timing.evaluation.comparison import ComparedSet

_HEAD = 65536  # bytes of a JSON file that show whether it is a preset


@dataclasses.dataclass(frozen=True)
class Compare:
    """Compares timings: of two sets, or of one speaker with people.

    Each set is annotation (a file, or a folder of files), a recording with a speaker on each channel, a folder that
    `babble converse` wrote, the name of a timing preset (`babble timings` lists them), or a file that `babble fit
    --out` wrote. Of two sets it prints the same measures and the distance between them; a preset is represented by ten
    hours of dialogue simulated from it.

    With --against, the conversations of one speaker, a voice agent say, stand beside people's: how the speaker answers
    and is answered, cuts into pauses, overlaps, gives backchannels and pauses, each with the range of 95 % of
    people in dialogues of the same length.

    Attributes:
      sets: Two sets of conversations; with --against, one or more sets with the conversations of the speaker.
      against: The people: a timing preset, from which ten hours of dialogue are simulated or more, or any other set.
      speaker: Name of the speaker who is compared with people; recordings have A, B, ... in the order of the
        channels. By default, every speaker that all conversations share.
      fto_level: Level of the speaker's floor-transfer offsets; two sets are compared at both.
      plot: PNG file for a picture of one speaker beside people.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      definitions: Definitions of the dialogue events.
      quiet: Do not print how the annotation was understood.
      json: Print one JSON object on standard output, and nothing else.
    """

    sets: Annotated[Positional[tuple[str, ...]], arg(metavar="SET...", help_behavior_hint="(required)")]
    against: str | None = None
    speaker: str | None = None
    fto_level: FtoLevel = "ipu"
    plot: Path | None = None
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    definitions: Definitions = Definitions()
    quiet: Quiet = False
    json: bool = False

    def run(self) -> None:
        """Compares and prints the rows."""
        if self.against is None:
            self._compare_sets()
        else:
            self._compare_speakers(self.against)

    def _compare_sets(self) -> None:
        from babble_jax.timing.evaluation.comparison import compare
        from babble_jax.timing.evaluation.comparison_text import comparison_text

        if self.speaker is not None or self.plot is not None or self.fto_level != "ipu":
            raise BabbleError(
                "--speaker, --plot and --fto-level are of one speaker; say --against whom, too."
            )
        if len(self.sets) != 2:
            raise BabbleError(
                f"Two sets of conversations are compared, not {len(self.sets)}; one speaker is compared with people by "
                "--against."
            )
        a, b = map(self._read_set, self.sets)
        comparison = compare(a, b, self.definitions)
        if self.json:
            print_json(comparison.to_json())
        else:
            print(comparison_text(comparison))

    def _compare_speakers(self, against: str) -> None:
        from babble_jax.cli.outputs import check_output
        from babble_jax.timing.evaluation.speaker.comparison import (
            compare_speaker,
            conversations_of,
            list_speakers,
            reference_size,
            shared_speakers,
        )
        from babble_jax.timing.evaluation.speaker.comparison_text import speaker_comparison_text

        if not self.sets:
            raise BabbleError(
                "Name the conversations that are compared: annotation, a recording or a folder."
            )
        if self.plot is not None:
            check_output(self.plot, ".png")
        self._check_exists(against)
        conversations = self._read_conversations()
        if self.speaker is not None:
            names, conversations = [self.speaker], conversations_of(self.speaker, conversations)
        else:
            names = shared_speakers(conversations)
            if not names or (self.plot is not None and len(names) > 1):
                reason = "A picture is of one speaker" if names else "No speaker is in all conversations"
                raise BabbleError(f"{reason}; name one by --speaker: {list_speakers(conversations)}.")
        people = self._read_set(against, *reference_size(conversations))
        comparisons = [
            compare_speaker(conversations, name, people.conversations, self.definitions, self.fto_level)
            for name in names
        ]
        if self.plot is not None:
            from babble_jax.timing.evaluation.speaker.comparison_picture import plot_speaker_comparison

            plot_speaker_comparison(self.plot, comparisons[0], people.name)
        if self.json:
            origin = {"name": people.name, "from_preset": people.from_preset, "fto_level": self.fto_level}
            print_json({"against": origin, "speakers": [one.to_json() for one in comparisons]})
        else:
            print("\n\n".join(speaker_comparison_text(one, people.name) for one in comparisons))

    def _read_conversations(self) -> "list[Conversation]":
        """Reads all sets; annotation in one go, since a conversation may have several files."""
        from babble_jax.dialogue.read_folder import is_dialogue_folder

        annotation = [name for name in self.sets if not _is_preset(name) and not is_dialogue_folder(name)]
        conversations: list[Conversation] = []
        for name in self.sets:
            if name not in annotation:
                conversations += self._read_set(name).conversations
        for name in annotation:
            self._check_exists(name)
        return [*conversations, *(self._read_annotation(annotation) if annotation else ())]

    def _read_set(self, name: str, count: int | None = None, seconds: float | None = None) -> "ComparedSet":
        """Reads a set.

        Args:
          name: of a file, a folder or a preset.
          count: number of dialogues that represent a preset; the usual one where None.
          seconds: length of each.
        """
        from babble_jax.dialogue.read_folder import is_dialogue_folder, read_dialogue_folder
        from babble_jax.timing.evaluation.comparison import SIMULATED, ComparedSet

        if is_dialogue_folder(name):
            return ComparedSet(name, [read_dialogue_folder(name)])
        if _is_preset(name):
            from babble_jax.timing.preset import load_timing

            preset = load_timing(name)
            if count is None or seconds is None:
                count, seconds = SIMULATED
            return ComparedSet(preset.name, preset.draw_dialogues(0, count, seconds), from_preset=True)
        self._check_exists(name)
        return ComparedSet(name, list(self._read_annotation([name])))

    def _read_annotation(self, names: "Iterable[str | os.PathLike]") -> "Sequence[Conversation]":
        from babble_jax.conversation.reading import read

        reading = read([Path(name) for name in names], self.format, self.layout)
        report_reading(reading, self.quiet)
        return reading.conversations

    def _check_exists(self, name: str) -> None:
        if not _is_preset(name) and not is_file(name) and not is_folder(name):
            raise BabbleError(
                f"There is no file, folder or preset {name!r}{registry.suggest('timing', name)}; the presets are "
                f"{', '.join(registry.names('timing'))}."
            )


def _is_preset(name: str) -> bool:
    """Returns whether a name is of a preset that ships, or of a JSON file that holds a preset and no annotation."""
    if name in registry.names("timing"):
        return True
    if Path(name).suffix != ".json" or not Path(name).is_file():
        return False
    with Path(name).open("rb") as file:
        head = file.read(_HEAD)
    return b'"definitions"' in head and b'"models"' in head
