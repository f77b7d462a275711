"""The voices that ship, and those in folders."""

import dataclasses
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_json


@dataclasses.dataclass(frozen=True)
class Voices:
    """Lists the voices that ship, and your own.

    Of each voice it prints what its card says: the kind of its sounds, the language of its recordings, its speakers,
    its size, source and licence, and how well it predicts recordings that it was not trained on. Under each speaker
    stands the command that lets it speak. What a card does not say is left out.

    Attributes:
      folders: Folders of voices of your own, or of training runs that made one; they follow those that ship.
      json: Print one JSON object on standard output, and nothing else. What a card does not say is null.
    """

    folders: Annotated[
        Positional[tuple[Path, ...]], arg(metavar="[FOLDER...]", help_behavior_hint="(optional)")
    ] = ()
    json: bool = False

    def run(self) -> None:
        """Prints the voices."""
        from babble_jax.pretrained.catalogue import list_voices
        from babble_jax.pretrained.catalogue_text import voices_text

        rows = list_voices(self.folders)
        if self.json:
            print_json({"voices": rows})
        else:
            print(voices_text(rows))
