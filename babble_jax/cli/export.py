"""A release of a trained voice."""

import dataclasses
from pathlib import Path

from tyro.conf import Positional

from babble_jax.cli.messages import as_user_error
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Export:
    """Makes a release of a trained voice: float16 weights, its config, and a card that says where it comes from.

    Attributes:
      voice: folder of the run that trained it, or of a voice.
      out: folder for the release; must not exist yet.
      source: where its recordings are to be had, one line.
      licence: their terms, one line.
      temperature: at which it sounds most like speech; what speaks with it takes this where nothing else is asked for.
        If absent that of the voice: 1, but for an earlier release.
    """

    voice: Positional[Path]
    out: Path
    source: str
    licence: str
    temperature: float | None = None

    def run(self) -> None:
        """Writes it, and prints its size."""
        import dataclasses
        import os

        from babble_jax.pretrained import pretrained
        from babble_jax.voice.sampling.ancestral import Sampling

        with as_user_error():
            Sampling(1.0 if self.temperature is None else self.temperature)  # a rule
        if os.path.lexists(self.out):
            raise BabbleError(f"{self.out}: is already there; remove it or choose another place.")
        voice = pretrained.load_voice(self.voice)
        card = {
            **voice.card,
            "source": self.source,
            "licence": self.licence,
            "temperature": voice.sampling(self.temperature).temperature,
        }
        pretrained.save_voice(dataclasses.replace(voice, card=card), self.out, half=True)
        size = sum(path.stat().st_size for path in self.out.iterdir())
        print(f"{self.out}: {size / 1e6:.2f} MB")
