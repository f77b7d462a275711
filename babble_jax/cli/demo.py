"""The whole way in a few minutes."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Demo:
    """A dialogue in seconds: the two speakers of the voice that ships, with the timing of Switchboard, and how human
    that timing is.

    Attributes:
      out: folder to write into; an interrupted demo goes on there.
      seconds: length of the dialogue.
      train: train a small voice of your own first, on speech that ships, in under five minutes.
      seed: of the training, of the dialogue's plan and of its babble.
    """

    out: Path = Path("babble-demo")
    seconds: float = 60.0
    train: bool = False
    seed: int = 0

    def run(self) -> None:
        """Runs the demo and prints its table."""
        from babble_jax.demo import demo

        print(demo(self.out, self.seconds, self.seed, self.train))
