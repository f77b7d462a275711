"""The timing presets that ship."""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Timings:
    """Lists the timing presets that ship, with the numbers on their cards.

    Attributes:
      json: Print one JSON object on standard output, and nothing else.
    """

    json: bool = False

    def run(self) -> None:
        """Prints the presets."""
        from babble_jax.timing.catalogue import list_presets, presets_text

        rows = list_presets()
        print(json.dumps({"presets": rows}, ensure_ascii=False) if self.json else presets_text(rows))
