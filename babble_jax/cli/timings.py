"""The timing presets that ship."""

import dataclasses

from babble_jax.cli.messages import print_json


@dataclasses.dataclass(frozen=True)
class Timings:
    """Lists the timing presets that ship, with their numbers.

    Attributes:
      json: Print one JSON object on standard output, and nothing else.
    """

    json: bool = False

    def run(self) -> None:
        """Prints the presets."""
        from babble_jax.timing.catalogue import list_presets, presets_text

        rows = list_presets()
        if self.json:
            print_json({"presets": rows})
        else:
            print(presets_text(rows))
