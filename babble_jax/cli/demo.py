"""The whole way in a few minutes."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Demo:
    """From nothing to a dialogue in under five minutes: trains a small voice on a built-in excerpt of speech, lets two
    babblers of it talk with the timing of Switchboard, and shows how human that timing is.

    Attributes:
      out: folder to write into; an interrupted demo goes on there.
      seconds: length of the dialogue.
      seed: of the training, of the dialogue's plan and of its babble.
    """

    out: Path = Path("babble-demo")
    seconds: float = 60.0
    seed: int = 0

    def run(self) -> None:
        """Runs the demo and prints its table."""
        from babble_jax.demo import demo

        print(demo(self.out, self.seconds, self.seed))
