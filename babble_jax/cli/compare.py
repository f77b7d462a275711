"""Two corpora, presets or rendered dialogues side by side."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tyro.conf import Positional

from babble_jax.cli.messages import report_skipped
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from babble_jax.timing.evaluation.comparison import Side


@dataclasses.dataclass(frozen=True)
class Compare:
    """Puts two sets of conversations side by side: the same events and figures, and the distance between them.

    Each side is annotation (a file, or a folder of them), a folder that `babble converse` wrote, a timing preset that
    ships, or a file that `babble fit --out` wrote; a preset stands for ten hours of dialogue drawn from it.

    Attributes:
      a: the one.
      b: the other.
      format: of annotation: ms98, rttm, mdtm, nxt, textgrid or table; found by content if absent.
      definitions: what counts as which event.
      json: print one JSON object, and nothing else, on standard output.
    """

    a: Positional[str]
    b: Positional[str]
    format: str | None = None
    definitions: Definitions = Definitions()
    json: bool = False

    def run(self) -> None:
        """Measures, and prints the rows."""
        from babble_jax.timing.evaluation.comparison import compare
        from babble_jax.timing.evaluation.comparison_text import comparison_text

        values = compare(self._side(self.a), self._side(self.b), self.definitions).to_json()
        print(json.dumps(values, ensure_ascii=False) if self.json else comparison_text(values))

    def _side(self, name: str) -> "Side":
        from babble_jax.conversation.reading import read
        from babble_jax.dialogue.rendered import is_rendered, read_rendered
        from babble_jax.timing.evaluation.comparison import Side
        from babble_jax.timing.preset import load_preset, preset_names

        if is_rendered(name):
            return Side(name, [read_rendered(name)])
        if name in preset_names() or Path(name).suffix == ".json":
            return Side.of(load_preset(name))
        reading = read(Path(name), self.format)
        report_skipped(reading.skipped)
        return Side(name, reading.conversations)
