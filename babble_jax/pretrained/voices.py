"""Voices of any kind by name or folder: one of samples alone, or one that speaks phones."""

import os
from pathlib import Path

from babble_jax.arguments import check_arguments
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_card
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.pretrained.tacotron_voice import (
    TacotronVoice,
    is_tacotron_voice,
    load_tacotron_voice,
    save_tacotron_card,
)
from babble_jax.voice.babbler import Babbler
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.distributions.contract import Sampling

LoadedVoice = PretrainedVoice | TacotronVoice
"""A voice of either kind."""


def load_any_voice(voice: LoadedVoice | str | os.PathLike) -> LoadedVoice:
    """Opens a voice of either kind; one that is open already is returned.

    Args:
      voice: the voice, name of one that ships, or folder of one.

    Raises:
      BabbleError: see `load_voice` and `load_tacotron_voice`.
    """
    if isinstance(voice, PretrainedVoice | TacotronVoice):
        return voice
    if not isinstance(voice, str | os.PathLike):
        return load_voice(voice)  # which says what it takes
    return load_tacotron_voice(_folder(voice)) if speaks_phones(voice) else load_voice(voice)


def speaks_phones(voice: str | os.PathLike) -> bool:
    """Tells whether a voice, of this name or in this folder, is of a synthesizer and a vocoder; it is not opened."""
    return bool(str(voice)) and is_tacotron_voice(_folder(voice))


def _folder(voice: str | os.PathLike) -> str | os.PathLike:
    """Returns the folder of a voice; that of one that ships by its name."""
    return registry.path("voices", str(voice)) if str(voice) in registry.names("voices") else voice


def save_any_card(voice: LoadedVoice, folder: Path) -> None:
    """Writes the `voice.json` of a voice of either kind, whose other files lie in a folder."""
    if isinstance(voice, TacotronVoice):
        save_tacotron_card(voice, folder)
    else:
        save_card(voice, folder)


def open_to_sample(
    voice: LoadedVoice | str | os.PathLike, seed: int, temperature: float | None, top_k: int
) -> tuple[LoadedVoice, Sampling]:
    """Opens a voice of either kind, and checks how it is to be sampled.

    Args:
      voice: see `load_any_voice`.
      seed: random seed.
      temperature: of the draws; None for the voice's own.
      top_k: number of levels that may be drawn; 0 for all.

    Returns:
      The voice, and temperature and top k.

    Raises:
      BabbleError: see `load_any_voice`; or seed, temperature or top k is no possible one.
    """
    voice = load_any_voice(voice)
    try:
        check_seed(seed)
        return voice, voice.sampling(temperature, top_k)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error


def speakers_of(voice: LoadedVoice) -> tuple[str, ...]:
    """Lists the names of the speakers of a voice; none for a voice of one without a name."""
    return voice.speakers if isinstance(voice, TacotronVoice) else voice.config.speakers


def make_babbler(
    voice: LoadedVoice,
    speaker: str | None = None,
    language: str | None = None,
    temperature: float | None = None,
    top_k: int = 0,
    prosody: Prosody = NEUTRAL,
) -> VoiceBabbler | TacotronBabbler:
    """Makes the babbler of a voice.

    Args:
      voice: the voice.
      speaker: name; None for the first.
      language: name, of a voice that speaks phones; None for the first.
      temperature: sampling temperature; None for the voice's own.
      top_k: number of the most likely quantization levels to sample from; 0 for all.
      prosody: how it speaks.

    Raises:
      BabbleError: no such speaker or language, an impossible temperature or top_k, or a prosody that the voice knows
        nothing of.
    """
    try:
        sampling = voice.sampling(temperature, top_k)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    if isinstance(voice, TacotronVoice):
        return TacotronBabbler(voice, sampling, speaker, language, prosody=prosody)
    check_no_language(voice, language)
    return VoiceBabbler(voice, sampling, speaker, prosody)


def check_no_language(voice: PretrainedVoice, language: str | None) -> None:
    """Raises `BabbleError` where a language is asked of a voice that speaks no phones."""
    if language is not None:
        speakers = ", ".join(voice.config.speakers)
        instead = f", and name one of its speakers: {speakers}" if speakers else ""
        raise BabbleError(
            f"The voice {voice.name} speaks no phones and has no languages; leave the language {language} out{instead}."
        )


@check_arguments
def load_babbler(
    voice: str | os.PathLike,
    *,
    speaker: str | None = None,
    language: str | None = None,
    temperature: float | None = None,
    top_k: int = 0,
    prosody: Prosody | None = None,
) -> Babbler:
    """Loads a voice of any kind as a babbler, which makes independent streams of babble and is told when to speak.

    Args:
      voice: name of a voice that ships, or folder of one: of a voice that makes samples alone, or of one that speaks
        phones (phonotactics, synthesizer and vocoder, which `babble export SYNTHESIZER --vocoder VOICE` joins).
      speaker: name of one of its speakers; None for the first.
      language: name of one of its languages, of a voice that speaks phones; None for the first.
      temperature: see `speak`.
      top_k: see `speak`.
      prosody: see `speak`; without a contour.

    Returns:
      The babbler; `converse` takes one or two of them as its voices.

    Raises:
      BabbleError: no such voice, speaker or language; a file is damaged; an impossible temperature or top_k; or a
        prosody that the voice knows nothing of.

    Examples:
      >>> babbler = load_babbler("babblers", speaker="man")
      >>> babbler.name, babbler.sample_rate
      ('babblers/man', 16000)
    """
    prosody = NEUTRAL if prosody is None else prosody
    return make_babbler(load_any_voice(voice), speaker, language, temperature, top_k, prosody)
