"""The timing presets that ship."""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Timings:
    """Lists the timing presets that ship, with the figures on their cards.

    Attributes:
      json: print one JSON object, and nothing else, on standard output.
    """

    json: bool = False

    def run(self) -> None:
        """Prints them."""
        from babble_jax.timing.catalogue import catalogue
        from babble_jax.timing.evaluation.comparison_text import presets_text

        rows = catalogue()
        print(json.dumps({"presets": rows}, ensure_ascii=False) if self.json else presets_text(rows))
