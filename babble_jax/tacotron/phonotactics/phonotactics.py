"""Phonotactics of a language: words that mean nothing, with their prosody, in a folder that ships or of one's own."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax import files, input_files
from babble_jax.arguments import check_arguments
from babble_jax.errors import BabbleError
from babble_jax.json_layout import format_json
from babble_jax.presets import registry
from babble_jax.tacotron.phonotactics import espeak, stored
from babble_jax.tacotron.phonotactics.fitting import fit_model, fit_text_model
from babble_jax.tacotron.phonotactics.lexicon import read_word_list
from babble_jax.tacotron.phonotactics.model import PhonotacticModel
from babble_jax.tacotron.phonotactics.phrase import PhoneSet, Phrase
from babble_jax.tacotron.phonotactics.prosody import PhraseProsody, ProsodyModel
from babble_jax.tacotron.phonotactics.prosody_fitting import fit_prosody
from babble_jax.tacotron.phonotactics.texts import divide_texts
from babble_jax.tacotron.phonotactics.utterances import LabelledUtterance, divide

KIND = "babble_jax phonotactics"
_MODEL, _WORDS = "phonotactics.json", "words.xz"
_REMEDY = "name a model that ships, or a folder that `Phonotactics.save` wrote"
_MOST_BYTES = 64 * 1024**2


@dataclasses.dataclass(frozen=True)
class Phonotactics:
    """Draws phrases of words that mean nothing, and says how their phones are spoken.

    Attributes:
      model: distribution over phrases.
      prosody: of phones; None for a model that was fitted without recordings, which knows words, syllables, stress and
        the lengths of phrases alone.
    """

    model: PhonotacticModel
    prosody: ProsodyModel | None

    def sample(self, seed: int, phrases: int = 1, final: bool | None = None) -> list[Phrase]:
        """Draws an utterance of several phrases.

        Args:
          seed: the same one gives the same phrases, for the same number of them and the same `final`.
          phrases: how many.
          final: whether the utterance ends with the last of them, before which all are held; if None, each phrase is
            final as often as those of the transcripts.

        Raises:
          BabbleError: fewer phrases than one, or a negative seed.
        """
        if seed < 0:
            raise BabbleError(f"The seed is {seed}; choose one of 0 or more.")
        return self.model.sample(np.random.default_rng(seed), phrases, final)

    def speak(self, phrase: Phrase, seed: int | None = None) -> PhraseProsody:
        """Returns durations, pitch and level of the phones of a phrase.

        Args:
          phrase: that `sample` drew.
          seed: of what is drawn; the median prosody if None.

        Raises:
          BabbleError: the model has no prosody.
        """
        return self._require_prosody().predict(phrase, None if seed is None else np.random.default_rng(seed))

    def speak_all(self, phrases: Sequence[Phrase], seed: int | None = None) -> PhraseProsody:
        """Returns durations, pitch and level of an utterance: phrases with silence before, between and after them.

        Args:
          phrases: one at least.
          seed: of what is drawn; the median prosody if None.

        Raises:
          BabbleError: no phrases, or the model has no prosody.
        """
        if not phrases:
            raise BabbleError("An utterance has one phrase at least; draw some with `sample`.")
        prosody = self._require_prosody()
        rng = None if seed is None else np.random.default_rng(seed)
        return prosody.join([prosody.predict(phrase, rng) for phrase in phrases])

    def _require_prosody(self) -> ProsodyModel:
        if self.prosody is None:
            raise BabbleError(
                f"The phonotactics of {self.model.card.language} have no prosody, for they were fitted on "
                f"{self.model.card.source} without times of phones; fit some on labels with times and recordings."
            )
        return self.prosody

    def add_words(self, path: str | os.PathLike, licence: str) -> "Phonotactics":
        """Returns phonotactics that draw no word of a list either.

        Args:
          path: of a text file of one word a line, or of a dictionary of hunspell (`.dic`).
          licence: of the list; it goes onto the card.

        Raises:
          BabbleError: the list cannot be read; the model has no lexicon, which says how letters are read; or it is one
            of pronunciations, and espeak-ng, which reads the list, is not installed.
        """
        lexicon = self.model.lexicon
        if lexicon is None:
            raise BabbleError(
                f"{path}: the model does not know how letters are read; fit it on texts with labels."
            )
        lexicon = lexicon.add(read_word_list(Path(path)), Path(path).name, licence)
        card = dataclasses.replace(self.model.card, lexica=lexicon.cards)
        return dataclasses.replace(self, model=dataclasses.replace(self.model, lexicon=lexicon, card=card))

    @classmethod
    def fit(
        cls,
        utterances: Sequence[LabelledUtterance],
        phones: PhoneSet,
        language: str,
        source: str,
        licence: str,
    ) -> "Phonotactics":
        """Fits phonotactics, and prosody where the utterances have pitch and level.

        Args:
          utterances: texts with the phones that are said and their times.
          phones: of the language, all that are in the labels.
          language: code of ISO 639.
          source: name of the recordings.
          licence: of the recordings.

        Raises:
          BabbleError: a label that is no phone, or too few utterances with pauses and punctuation.
        """
        if not utterances:
            raise BabbleError(f"{source}: there are no utterances; give some with texts and labels.")
        names = {*phones.consonants, *phones.vowels, phones.silence}
        if unknown := sorted({*(symbol for one in utterances for symbol in one.symbols)} - names):
            raise BabbleError(
                f"{source}: the label {unknown[0]!r} is no phone of the set; add it to one of its lists."
            )
        spoken = divide(utterances, phones)
        measured = all(one.f0 is not None and one.rms_db is not None for one in utterances)
        prosody = fit_prosody(spoken.phrases, utterances, phones) if measured else None
        return cls(fit_model(spoken, phones, language, source, licence), prosody)

    @classmethod
    def fit_texts(
        cls, texts: Sequence[str], voice: str, language: str, source: str, licence: str
    ) -> "Phonotactics":
        """Fits phonotactics on texts without recordings, which espeak-ng reads; they have no prosody.

        Args:
          texts: one utterance each, with punctuation. Words that have not exactly one main stress are left out, in
            English nearly half of them, and phrases are as long as what is left; rare words can be told from the
            counts.
          voice: of espeak-ng, "en-us" for example; of a language without tones.
          language: code of ISO 639.
          source: name of the texts.
          licence: of the texts.

        Raises:
          BabbleError: espeak-ng is not installed or has no such voice, its language has tones, or the texts are too few
            or have no punctuation.
        """
        phones_by = name_reader(voice)
        divided = divide_texts(texts, voice)
        return cls(fit_text_model(divided, voice, phones_by, language, source, licence), None)

    def save(self, folder: str | os.PathLike) -> None:
        """Writes a folder: `phonotactics.json` (models and card), and `words.xz`.

        The latter has the words of the lexicon, or the filters of their pronunciations.

        Raises:
          BabbleError: the folder exists and holds something else, or cannot be written.
        """
        with files.atomic_folder(folder, KIND, overwrite=True) as temporary:
            (temporary / _WORDS).write_bytes(stored.pack_lexicon(self.model))
            values = {
                "model": stored.model_to_json(self.model),
                "prosody": None if self.prosody is None else self.prosody.to_json(),
            }
            files.write_text(temporary / _MODEL, format_json(values, indent=0, depth=3))
            digests = {name: files.sha256(temporary / name) for name in (_MODEL, _WORDS)}
            files.write_json(temporary / files.MANIFEST, {"kind": KIND, "sha256": digests})


def name_reader(voice: str) -> str:
    """Names espeak-ng, its version, a voice of it and its licence, for a card.

    Raises:
      BabbleError: espeak-ng is not installed.
    """
    return f"{espeak.name_program()}, voice {voice} ({espeak.LICENCE})"


@check_arguments
def load_phonotactics(name_or_folder: str | os.PathLike) -> Phonotactics:
    """Loads the phonotactics of a language: those that ship by name, or one's own by folder.

    Args:
      name_or_folder: name of a model that ships ("ru", "en", "de" or "nl"), or a folder that `Phonotactics.save` wrote.

    Returns:
      The phonotactics: `sample` draws phrases, `speak` gives their durations, pitch and level (of "ru" alone: the
      others have no prosody), `model.card` says what they were fitted on, and no drawn word is in the lists it names.

    Raises:
      BabbleError: neither; a file that is missing or damaged.

    Examples:
      >>> russian = load_phonotactics("ru")
      >>> phrases = russian.sample(seed=1, phrases=2, final=True)
      >>> [phrase.final for phrase in phrases]
      [False, True]
      >>> any(russian.model.lexicon.holds(word.phones) for word in phrases[0].words)
      False
      >>> spoken = russian.speak(phrases[0])
      >>> len(spoken.seconds) == len(phrases[0].phones)
      True
    """
    name = str(name_or_folder)
    shipped = registry.names("phonotactics")
    if name in shipped:
        folder = registry.path("phonotactics", name)
    elif input_files.is_folder(name) and name:
        folder = Path(name)
    else:
        raise BabbleError(
            f"There are no phonotactics {name!r}{registry.suggest('phonotactics', name)}; those that ship are "
            f"{', '.join(shipped)}."
        )
    packed = input_files.read_bytes(folder / _WORDS, _MOST_BYTES)
    values = input_files.read_json(folder / _MODEL, _MOST_BYTES, remedy=_REMEDY)
    _check_digests(folder)
    try:
        if not isinstance(values, dict) or {*values} != {"model", "prosody"}:
            raise ValueError("there are no model and prosody")
        prosody = None if values["prosody"] is None else stored.prosody_from_json(values["prosody"])
        model = stored.model_from_json(values["model"], packed, str(folder / _MODEL), str(folder / _WORDS))
        return Phonotactics(model, prosody)
    except ValueError as error:
        raise BabbleError(f"{folder / _MODEL}: {error}; {_REMEDY}.") from error


def _check_digests(folder: Path) -> None:
    """Raises `BabbleError` where a file is another one than that of the manifest."""
    path = folder / files.MANIFEST
    manifest = input_files.read_json(path, remedy=_REMEDY)
    digests = manifest.get("sha256") if isinstance(manifest, dict) and manifest.get("kind") == KIND else None
    if not isinstance(digests, dict) or {*digests} != {_MODEL, _WORDS}:
        raise BabbleError(f"{path}: it is no manifest of phonotactics; {_REMEDY}.")
    for name, digest in digests.items():
        if files.sha256(folder / name) != digest:
            raise BabbleError(
                f"{folder / name}: it was changed after it was saved (its SHA-256 is not that of {files.MANIFEST}); "
                "save the phonotactics again, or copy the folder again."
            )
