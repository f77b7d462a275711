"""A voice that speaks phones: phonotactics say what, a Tacotron 2 how, a vocoder makes it sound; in one folder.

The folder holds `voice.json` (kind, languages, card, digests of all other files), `synthesizer/`, `vocoder/` and, for
each language whose phonotactics do not ship with this package, `phonotactics/LANGUAGE/`.
"""

import dataclasses
import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, read_bytes, read_json
from babble_jax.presets import registry
from babble_jax.pretrained.folder_layout import DIGESTS, PHONES, PHONOTACTICS, SYNTHESIZER, VOCODER, VOICE
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.pretrained.synthesizer import PretrainedSynthesizer, load_synthesizer, save_synthesizer
from babble_jax.pretrained.weights import ModelFiles
from babble_jax.tacotron.config import F0, LEVEL, LOG_DURATION, Tacotron2Config
from babble_jax.tacotron.phonotactics.phonotactics import Phonotactics, load_phonotactics
from babble_jax.tacotron.streaming.synthesis import StreamingSynthesizer
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.conditioning.prosody_response import ProsodyResponse, read_response
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.distributions.contract import Sampling

_FILES = ModelFiles("voice", VOICE)
_PARTS = (SYNTHESIZER, VOCODER, PHONOTACTICS)
_MOST_BYTES = 2 * 1024**3
_LANGUAGE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REMEDY = "name a folder that `babble export SYNTHESIZER --vocoder VOICE` wrote"
_CHANNELS = {
    "pitch": (F0,),
    "pitch_range": (F0,),
    "rate": (LOG_DURATION,),
    "final": (F0,),
    "contour": (LOG_DURATION, F0, LEVEL),
    "entropy": (),
}
"""Channels of prosody by which a synthesizer is told each value of a `Prosody` but level and effort, of the sound."""


@dataclasses.dataclass(frozen=True, eq=False)
class TacotronVoice:
    """A voice that speaks words that mean nothing.

    Attributes:
      synthesizer: from phones to mel; a Tacotron 2.
      vocoder: from mel to sound.
      phonotactics: of each language, by name; of the synthesizer's languages where it has several.
      shipped: for each language, the name of its phonotactics where they ship with this package.
      name: name in messages and manifests.
      card: source, licence and default temperature; JSON values.

    Raises:
      BabbleError: the parts do not fit together.
    """

    synthesizer: PretrainedSynthesizer
    vocoder: PretrainedVoice
    phonotactics: Mapping[str, Phonotactics]
    shipped: Mapping[str, str] = dataclasses.field(default_factory=dict)
    name: str = ""
    card: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        _check_parts(self)

    @property
    def config(self) -> VoiceConfig:
        """Configuration of the vocoder, which has the sample rate."""
        return self.vocoder.config

    @property
    def speakers(self) -> tuple[str, ...]:
        """Names of the speakers; empty for one without a name."""
        return self.synthesizer.config.inputs.speakers

    @property
    def languages(self) -> tuple[str, ...]:
        """Names of the languages, one at least."""
        return tuple(self.phonotactics)

    @property
    def temperature(self) -> float:
        """Default temperature of the vocoder's samples: that of the card, else the vocoder's own."""
        return float(self.card.get("temperature", self.vocoder.temperature))

    @functools.cached_property
    def streaming(self) -> StreamingSynthesizer:
        """The synthesizer, step by step."""
        return StreamingSynthesizer(self.synthesizer.config, self.synthesizer.params)

    def sampling(self, temperature: float | None = None, top_k: int = 0) -> Sampling:
        """Makes sampling settings of the vocoder; the temperature is the voice's own where it is None."""
        return Sampling(self.temperature if temperature is None else temperature, top_k)

    def choose_speaker(self, speaker: str | None) -> str | None:
        """Returns the name of a speaker, the first where `speaker` is None; None for a voice without speakers.

        Raises:
          BabbleError: the voice has no such speaker.
        """
        return _choose("speaker", self.speakers, speaker, self.name)

    def choose_language(self, language: str | None) -> str:
        """Returns the name of a language, the first where `language` is None.

        Raises:
          BabbleError: the voice has no such language.
        """
        return _choose("language", self.languages, language, self.name) or ""

    def prosody_response(self, speaker: str | None = None, language: str | None = None) -> ProsodyResponse:
        """Returns how the sound follows what a speaker is told in a language: as on the card, in full if not there.

        Args:
          speaker: name; None for the first.
          language: name; None for the first.
        """
        names = {"speaker": self.choose_speaker(speaker), "language": self.choose_language(language)}
        return read_response(self.card, names)

    def check_prosody(self, prosody: Prosody, language: str | None = None) -> None:
        """Checks that the voice can be told a prosody.

        Args:
          prosody: how it is to speak.
          language: that it is to speak; None for the first.

        Raises:
          BabbleError: the phonotactics of the language say nothing of durations, pitch and level, or the synthesizer
            is not told of them; the message names the values that nothing conditions the voice on.
        """
        language = self.choose_language(language)
        spoken = [name for name, one in self.phonotactics.items() if one.prosody is not None]  # with prosody
        taken = self.synthesizer.config.inputs.prosody if language in spoken else ()
        missing = {name: sorted({*_CHANNELS[name]} - {*taken}) for name in prosody.conditions}
        names = ", ".join(name.replace("_", " ") for name, channels in missing.items() if channels)
        if not names:
            return
        if language in spoken:
            channels = ", ".join(sorted(set().union(*missing.values())))
            why = f"has a synthesizer that is told no {channels} of phones"
            remedy = "train one with --by-prosody"
        else:
            why = f"speaks {language}, whose phonotactics say nothing of durations, pitch and level"
            remedy = (
                f"take the language {spoken[0]}" if spoken else "take a voice with units, such as babblers"
            )
        raise BabbleError(
            f"The voice {self.name} {why}, so that nothing conditions it on {names}; leave that out, or {remedy}."
        )


def _choose(kind: str, names: tuple[str, ...], name: str | None, voice: str) -> str | None:
    if name is not None and name not in names:
        there = f"has the {kind}s: {', '.join(names) or 'none'}"
        remedy = f"give {'one of them' if names else f'no {kind}'}"
        remedy += registry.suggest_voice(name) if kind == "speaker" else ""
        raise BabbleError(f"The voice {voice} {there}; not {name}: {remedy}.")
    return next(iter(names), None) if name is None else name


def _check_parts(voice: TacotronVoice) -> None:
    """Checks that the parts of a voice fit together, or raises `BabbleError`."""
    config, taken = voice.synthesizer.config, voice.vocoder.config.mel
    where = f"The voice {voice.name}" if voice.name else "The voice"
    if not isinstance(config.model, Tacotron2Config):
        raise BabbleError(
            f"{where}: its synthesizer is a {config.model.kind}, which does not stream; use tacotron2."
        )
    if taken is None:
        raise BabbleError(f"{where}: its vocoder takes no mel; train one with mel (babble train --mel).")
    alike = dataclasses.replace(taken, center=config.mel.center, spread=config.mel.spread)
    if alike != config.mel:
        name = next(
            field.name
            for field in dataclasses.fields(alike)
            if getattr(alike, field.name) != getattr(config.mel, field.name)
        )
        raise BabbleError(
            f"{where}: the synthesizer makes mel with {name} {getattr(config.mel, name)}, and the vocoder takes "
            f"{getattr(alike, name)}; train both with the same mel."
        )
    speakers, spoken = voice.vocoder.config.speakers, config.inputs.speakers
    if speakers and {*spoken} - {*speakers}:
        raise BabbleError(
            f"{where}: the vocoder has the speakers {', '.join(speakers)}, the synthesizer "
            f"{', '.join(spoken)}; train one vocoder for all, or name the speakers alike."
        )
    if not voice.phonotactics or (
        {*voice.phonotactics} - {*config.inputs.languages} and config.inputs.languages
    ):
        raise BabbleError(
            f"{where}: there are phonotactics of {', '.join(voice.phonotactics) or 'no language'}; the synthesizer "
            f"has the languages {', '.join(config.inputs.languages) or 'none by name'}: give those of one at least."
        )
    if not config.inputs.languages and len(voice.phonotactics) > 1:
        raise BabbleError(f"{where}: the synthesizer has one language; give the phonotactics of one.")
    for language, one in voice.phonotactics.items():
        phones = one.model.phones
        names = {*phones.consonants, *phones.vowels, phones.silence}
        if missing := sorted(names - {*config.inputs.symbols}):
            raise BabbleError(
                f"{where}: the synthesizer has no phone {missing[0]!r}, which the phonotactics of {language} "
                "draw; fit both on labels of the same phones."
            )


def is_tacotron_voice(folder: str | os.PathLike) -> bool:
    """Tells whether a folder holds such a voice, by the kind in its `voice.json`."""
    path = Path(folder) / VOICE
    if not is_file(path):
        return False
    try:
        values = read_json(path)
    except BabbleError:
        return False
    return isinstance(values, dict) and values.get("kind") == PHONES


def save_tacotron_voice(voice: TacotronVoice, folder: Path) -> None:
    """Writes the parts of a voice with float16 weights, and then `voice.json`.

    Args:
      voice: the voice.
      folder: made if absent.

    Raises:
      BabbleError: the folder cannot be written, or a language has another name than letters and digits.
    """
    for language in voice.phonotactics:
        if not _LANGUAGE.fullmatch(language):
            raise BabbleError(f"A language is named by letters and digits, not {language!r}.")
    with files.wrap_oserror(folder):
        (folder / VOICE).unlink(missing_ok=True)
    save_synthesizer(voice.synthesizer, folder / SYNTHESIZER, half=True)
    save_voice(voice.vocoder, folder / VOCODER, half=True)
    for language, one in voice.phonotactics.items():
        if language not in voice.shipped:
            one.save(folder / PHONOTACTICS / language)
    save_tacotron_card(voice, folder)


def save_tacotron_card(voice: TacotronVoice, folder: Path) -> None:
    """Writes `voice.json`: the languages, the card, and SHA-256 digests of the other files of the voice in a folder."""
    names = {language: voice.shipped.get(language) for language in voice.phonotactics}
    with files.wrap_oserror(folder):
        paths = sorted(one for part in _PARTS for one in (folder / part).rglob("*") if one.is_file())
    parts = [path.relative_to(folder).as_posix() for path in paths]
    _FILES.write_description({"kind": PHONES, "phonotactics": names, "card": voice.card}, folder, parts)


def load_tacotron_voice(folder: str | os.PathLike) -> TacotronVoice:
    """Loads a voice that speaks phones.

    Args:
      folder: of the voice.

    Raises:
      BabbleError: there is no such voice, a file is missing or damaged, or its parts do not fit together.
    """
    folder = Path(folder)
    path = folder / VOICE
    values = read_json(path, remedy=_REMEDY)
    parts = {"kind": str, "phonotactics": dict, "card": dict, DIGESTS: dict}
    if (
        not isinstance(values, dict)
        or {*values} != {*parts}
        or not all(isinstance(values[name], kind) for name, kind in parts.items())
        or values["kind"] != PHONES
    ):
        raise BabbleError(
            f"{path}: this is no description of a voice that speaks phones, an object with {', '.join(parts)}; "
            f"{_REMEDY}."
        )
    for name, digest in values[DIGESTS].items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BabbleError(f"{path}: {name} is no file of this folder; {_REMEDY}.")
        _FILES.check_digest(folder / name, read_bytes(folder / name, _MOST_BYTES), digest)
    phonotactics, shipped = {}, {}
    for language, name in values["phonotactics"].items():
        if not _LANGUAGE.fullmatch(language) or not (name is None or name in registry.names("phonotactics")):
            raise BabbleError(
                f"{path}: there are no phonotactics {name!r} of {language!r}; name those that ship "
                f"({', '.join(registry.names('phonotactics'))}), or null for those in the folder."
            )
        if name is None:
            phonotactics[language] = load_phonotactics(folder / PHONOTACTICS / language)
        else:
            phonotactics[language], shipped[language] = load_phonotactics(name), name
    card = values["card"]
    try:
        Sampling(float(card.get("temperature", 1.0)))  # raises for an impossible temperature
    except (ValueError, TypeError, OverflowError) as error:
        raise BabbleError(f"{path}: the temperature on the card is none ({error}); {_REMEDY}.") from error
    synthesizer, vocoder = load_synthesizer(folder / SYNTHESIZER), load_voice(folder / VOCODER)
    return TacotronVoice(synthesizer, vocoder, phonotactics, shipped, folder.resolve().name, card)


def join_voice(
    synthesizer: str | os.PathLike,
    vocoder: str | os.PathLike,
    phonotactics: Mapping[str, str],
    card: Mapping[str, Any] | None = None,
) -> TacotronVoice:
    """Joins parts that were trained apart to a voice.

    Args:
      synthesizer: folder of a Tacotron 2, or of the run that trained it.
      vocoder: folder of a voice with mel, or of the run that trained it.
      phonotactics: name or folder of those of each language, by its name in the synthesizer; of a synthesizer without
        languages by any name, that of the language, say.
      card: source, licence, temperature; JSON values. Those of the parts stay in the parts' own cards.

    Raises:
      BabbleError: a part cannot be read, or they do not fit together.
    """
    shipped = {key: name for key, name in phonotactics.items() if name in registry.names("phonotactics")}
    return TacotronVoice(
        load_synthesizer(synthesizer),
        load_voice(vocoder),
        {language: load_phonotactics(name) for language, name in phonotactics.items()},
        shipped,
        card=dict(card or {}),
    )
