"""Comparison of two corpora, presets or rendered dialogues."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from tyro.conf import Positional

from babble_jax.cli.annotation import AnnotationFormat
from babble_jax.cli.messages import print_json, report_skipped
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder
from babble_jax.presets import registry
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from babble_jax.timing.evaluation.comparison import ComparedSet


@dataclasses.dataclass(frozen=True)
class Compare:
    """Compares the turn timing of two sets of conversations: the same measures of both, and the distance between them.

    Each set is annotation (a file, or a folder of files), a folder that `babble converse` wrote, the name of a timing
    preset (`babble timings` lists them), or a file that `babble fit --out` wrote. A preset is represented by ten hours
    of dialogue simulated from it.

    Attributes:
      a: First set of conversations.
      b: Second set of conversations.
      format: Format of the annotation.
      definitions: Definitions of the dialogue events.
      json: Print one JSON object on standard output, and nothing else.
    """

    a: Positional[str]
    b: Positional[str]
    format: AnnotationFormat = None
    definitions: Definitions = Definitions()
    json: bool = False

    def run(self) -> None:
        """Compares the two sets and prints the rows."""
        from babble_jax.timing.evaluation.comparison import compare
        from babble_jax.timing.evaluation.comparison_text import comparison_text

        comparison = compare(self._read_set(self.a), self._read_set(self.b), self.definitions)
        if self.json:
            print_json(comparison.to_json())
        else:
            print(comparison_text(comparison))

    def _read_set(self, name: str) -> "ComparedSet":
        from babble_jax.conversation.reading import read
        from babble_jax.dialogue.read_folder import is_dialogue_folder, read_dialogue_folder
        from babble_jax.timing.evaluation.comparison import SIMULATED, ComparedSet

        if is_dialogue_folder(name):
            return ComparedSet(name, [read_dialogue_folder(name)])
        shipped = registry.names("timing")
        if name in shipped or Path(name).suffix == ".json":
            from babble_jax.timing.preset import load_timing

            preset = load_timing(name)
            return ComparedSet(preset.name, preset.draw_dialogues(0, *SIMULATED), from_preset=True)
        if not is_file(name) and not is_folder(name):
            raise BabbleError(
                f"There is no file, folder or preset {name!r}{registry.suggest('timing', name)}; the presets are "
                f"{', '.join(shipped)}."
            )
        reading = read(Path(name), self.format)
        report_skipped(reading.skipped)
        return ComparedSet(name, reading.conversations)
