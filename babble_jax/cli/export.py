"""Export of a voice or an ear for publication."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from babble_jax.cli.messages import as_user_error, print_line
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Export:
    """Exports a voice or an ear for publication, with its card.

    It writes float16 weights, the config, and a card that says where the voice comes from. The level of the voice is
    measured and stored on the card, so that `babble converse` need not measure it. Where the recordings that it was
    trained on are at hand, measures of those held out are stored beside it, for `babble judge`. Of an ear it writes the
    weights, the n-gram and the card, without the text of the recordings.

    Attributes:
      voice: Folder of a training run, which `babble train` made, or of a voice or an ear.
      out: Folder for what is exported. It must be new or empty.
      source: Where its recordings can be obtained, in one line.
      licence: Licence of the recordings and of the weights, in one line.
      temperature: Default sampling temperature of the voice. If absent, that of the voice to be exported.
      weights: Type of the weights of an ear; int8 takes half the room. Those of a voice are float16.
    """

    voice: Annotated[Positional[Path], arg(metavar="VOICE")]
    out: Path
    source: str
    licence: str
    temperature: float | None = None
    weights: Literal["float16", "int8"] = "float16"

    def run(self) -> None:
        """Writes the voice or the ear and prints its size."""
        from babble_jax.pretrained.ear import is_ear

        if is_ear(self.voice):
            self._export_ear()
        elif self.weights == "int8":
            raise BabbleError(
                "export: --weights is for ears; a voice has float16 weights, which `babble speak --sampler int8` "
                "rounds."
            )
        else:
            self._export_voice()
        size = sum(path.stat().st_size for path in self.out.iterdir())
        print_line(f"{self.out}: {size / 1e6:.2f} MB")

    def _export_ear(self) -> None:
        """Writes the ear."""
        from babble_jax import files
        from babble_jax.ear.ear import Ear
        from babble_jax.pretrained.ear import load_ear, save_ear

        if self.temperature is not None:
            raise BabbleError("export: --temperature is for voices; leave it out for an ear.")
        files.check_folder(self.out, "ear")
        ear = load_ear(self.voice)
        card = {**ear.card, "source": self.source, "licence": self.licence}
        with files.atomic_folder(self.out, "ear") as folder:
            save_ear(Ear(ear.config, ear.params, ear.ngram, card, ear.beam), folder, self.weights)

    def _export_voice(self) -> None:
        """Writes the voice."""
        import dataclasses
        import sys

        from babble_jax import files
        from babble_jax.cli.own_reference import find_reference, reference_file
        from babble_jax.dialogue import card_levels
        from babble_jax.judge.reference import save_reference
        from babble_jax.pretrained import pretrained
        from babble_jax.voice.distributions.contract import Sampling

        with as_user_error():
            Sampling(1.0 if self.temperature is None else self.temperature)
        files.check_folder(self.out, "voice")
        voice = pretrained.load_voice(self.voice)
        card = {
            **voice.card,
            "source": self.source,
            "licence": self.licence,
            "temperature": voice.sampling(self.temperature).temperature,
        }
        card.pop(card_levels.KEY, None)  # of other weights, perhaps of another temperature
        with files.atomic_folder(self.out, "voice") as folder:
            pretrained.save_voice(dataclasses.replace(voice, card=card), folder, half=True)
            exported = pretrained.load_voice(folder)
            try:
                card[card_levels.KEY] = card_levels.measure_levels(exported)
            except BabbleError as error:
                reason = str(error).replace(folder.name, self.out.name)
                print_line(
                    f"note: the card holds no level, so that no dialogue can use the voice: {reason}",
                    sys.stderr,
                )
            else:
                pretrained.save_card(dataclasses.replace(exported, card=card), folder)
            for speaker in voice.config.speakers or (None,):
                try:
                    reference = find_reference(str(self.voice), speaker)
                except BabbleError as error:
                    print_line(f"note: no reference for `babble judge`: {error}", sys.stderr)
                    continue
                if reference is not None:
                    save_reference(reference, folder / reference_file(speaker))
