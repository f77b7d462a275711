"""Export of a voice, an ear, or the parts of a voice that speaks phones, for publication."""

import contextlib
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from babble_jax.cli.messages import as_user_error, print_line
from babble_jax.errors import BabbleError
from babble_jax.pretrained.language_tags import is_language_tag


@dataclasses.dataclass(frozen=True)
class Export:
    """Exports a voice or an ear for publication, with its card.

    It writes float16 weights, the config, and a card that says where the voice comes from. The level of the voice is
    measured and stored on the card, so that `babble converse` need not measure it. Where the recordings that it was
    trained on are at hand, measures of those held out are stored beside it, for `babble judge`. Of an ear it writes the
    weights, the n-gram and the card, without the text of the recordings.

    A synthesizer becomes a voice that speaks phones: give its vocoder and its phonotactics, which are joined with it in
    one folder. It is a Tacotron 2, which `babble train --task tacotron` makes; the first Tacotron makes spectrograms
    alone.

    Attributes:
      voice: Folder of a training run, which `babble train` made, or of a voice, an ear or a synthesizer.
      out: Folder for what is exported. It must be new or empty.
      source: Where its recordings can be obtained, in one line.
      licence: Licence of the recordings and of the weights, in one line.
      kind: Kind of the sounds of a voice, such as speech, 8-bit or singing, which `babble voices` shows. Of several
        speakers one for all, or one for each, such as ann=speech chip=8-bit.
      language: Language of the recordings of a voice as a BCP 47 tag, such as ru; of several speakers one for all, or
        one for each that has one, such as ann=en.
      temperature: Default sampling temperature of the voice. If absent, that of the voice to be exported.
      weights: Type of the weights of an ear; int8 takes half the room. Those of a voice are float16.
      vocoder: Voice with mel, or its folder, that speaks for a synthesizer.
      phonotactics: Phonotactics that a synthesizer speaks, by name or folder: ru, en, de and nl ship. Of several
        languages one for each, such as ru=ru es=FOLDER. If absent, ru.
    """

    voice: Annotated[Positional[Path], arg(metavar="VOICE")]
    out: Path
    source: str
    licence: str
    kind: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    temperature: float | None = None
    weights: Literal["float16", "int8"] = "float16"
    vocoder: Path | None = None
    phonotactics: tuple[str, ...] = ()

    def run(self) -> None:
        """Writes the voice or the ear and prints its size."""
        from babble_jax.pretrained.ear import is_ear

        if self.vocoder is None and self.phonotactics:
            raise BabbleError(
                "export: --phonotactics is for a synthesizer; name its vocoder with --vocoder, too."
            )
        if self.vocoder is not None:
            if self.weights == "int8":
                raise BabbleError(
                    "export: --weights is for ears; leave it out for a synthesizer and its vocoder."
                )
            self._join(self.vocoder)
        elif is_ear(self.voice):
            self._export_ear()
        elif self.weights == "int8":
            raise BabbleError(
                "export: --weights is for ears; a voice has float16 weights, which `babble speak --sampler int8` "
                "rounds."
            )
        else:
            self._export_voice()
        size = sum(path.stat().st_size for path in self.out.rglob("*") if path.is_file())
        print_line(f"{self.out}: {size / 1e6:.2f} MB")

    def _export_ear(self) -> None:
        """Writes the ear."""
        from babble_jax import files
        from babble_jax.ear.ear import Ear
        from babble_jax.pretrained.ear import load_ear, save_ear
        from babble_jax.pretrained.ear_recordings import load_digests, save_digests

        if self.temperature is not None:
            raise BabbleError("export: --temperature is for voices; leave it out for an ear.")
        if self.kind or self.language:
            raise BabbleError("export: --kind and --language are for voices; leave them out for an ear.")
        files.check_folder(self.out, "ear")
        ear = load_ear(self.voice)
        card = {**ear.card, "source": self.source, "licence": self.licence}
        with files.atomic_folder(self.out, "ear") as folder:
            save_ear(Ear(ear.config, ear.params, ear.ngram, card, ear.beam), folder, self.weights)
            if (digests := load_digests(self.voice)) is not None:
                save_digests(digests, folder)

    def _join(self, vocoder: Path) -> None:
        """Writes a voice of a synthesizer, a vocoder and phonotactics."""
        from babble_jax import files
        from babble_jax.dialogue.card_levels import store_levels
        from babble_jax.pretrained.tacotron_voice import join_voice, save_tacotron_voice
        from babble_jax.voice.distributions.contract import Sampling

        with as_user_error():
            Sampling(1.0 if self.temperature is None else self.temperature)
        files.check_folder(self.out, "voice")
        named = {}
        for one in self.phonotactics or ("ru",):
            language, _, name = one.rpartition("=")
            named[language or Path(name).name] = name
        card: dict[str, Any] = {"source": self.source, "licence": self.licence}
        if self.temperature is not None:
            card["temperature"] = self.temperature
        voice = join_voice(self.voice, vocoder, named, card)
        voice = dataclasses.replace(voice, card={**card, **self._sounds(voice.speakers)})
        with files.atomic_folder(self.out, "voice") as folder:
            save_tacotron_voice(voice, folder)
            with _level_note(folder, self.out):
                store_levels(folder)

    def _sounds(self, speakers: Sequence[str]) -> dict[str, str | dict[str, str]]:
        """Returns what the card says of the sounds of a voice: kind and language, for all or by speaker.

        Args:
          speakers: names of those of the voice.

        Raises:
          BabbleError: an option names other speakers, or a language by no tag.
        """
        card = {}
        for name, values in (("kind", self.kind), ("language", self.language)):
            pairs = [one.rpartition("=") for one in values]
            if name == "language" and (wrong := [tag for *_, tag in pairs if not is_language_tag(tag)]):
                raise BabbleError(
                    f"export: --language {wrong[0]} is no BCP 47 tag; give one such as ru or en-GB."
                )
            if len(values) == 1 and "=" not in values[0]:
                card[name] = values[0]
            elif values:
                by_speaker = {speaker: value for speaker, _, value in pairs}
                if (
                    not {*by_speaker} <= {*speakers}
                    or len(pairs) > len(by_speaker)
                    or "" in by_speaker.values()
                ):
                    raise BabbleError(
                        f"export: --{name} {' '.join(values)}: give one value for all, or SPEAKER=VALUE once for each "
                        f"speaker ({', '.join(speakers) or 'the voice has none by name'})."
                    )
                card[name] = by_speaker
        return card

    def _export_voice(self) -> None:
        """Writes the voice."""
        import dataclasses

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
            **self._sounds(voice.config.speakers),
            "temperature": voice.sampling(self.temperature).temperature,
        }
        card.pop(card_levels.KEY, None)  # of other weights, perhaps of another temperature
        with files.atomic_folder(self.out, "voice") as folder:
            pretrained.save_voice(dataclasses.replace(voice, card=card), folder, half=True)
            with _level_note(folder, self.out):
                card_levels.store_levels(folder)
            for speaker in voice.config.speakers or (None,):
                try:
                    reference = find_reference(str(self.voice), speaker)
                except BabbleError as error:
                    print_line(f"note: no reference for `babble judge`: {error}", sys.stderr)
                    continue
                if reference is not None:
                    save_reference(reference, folder / reference_file(speaker))


@contextlib.contextmanager
def _level_note(folder: Path, out: Path) -> Iterator[None]:
    """Says why the card of a voice gets no level where it is measured within this context, and cannot be.

    Args:
      folder: of the voice, for now.
      out: folder that it is to be in.
    """
    try:
        yield
    except BabbleError as error:
        reason = str(error).replace(folder.name, out.name)
        print_line(
            f"note: the card holds no level, so that no dialogue can use the voice: {reason}", sys.stderr
        )
