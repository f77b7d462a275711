"""Two babblers from the voices of a dialogue."""

import dataclasses
import os
from collections.abc import Sequence
from typing import TypeGuard, cast

from babble_jax.errors import BabbleError
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import LoadedVoice, load_any_voice, make_babbler, speakers_of
from babble_jax.voice.babbler import Babbler, PitchShiftedBabbler, make_speaker_pair
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.resampled_babbler import ResampledBabbler, match_rates

VoiceLike = LoadedVoice | Babbler | str | os.PathLike
"""A voice, the name or the folder of one, or a babbler of another kind."""


def make_babbler_pair(
    voices: VoiceLike | Sequence[VoiceLike],
    speakers: Sequence[str] = (),
    temperature: float | None = None,
    top_k: int = 0,
    language: str | None = None,
    prosody: Prosody | Sequence[Prosody] = NEUTRAL,
) -> tuple[Babbler, Babbler]:
    """Makes two babblers of one or two voices.

    One voice gives its first two speakers or, if it has fewer, one babbler at two pitches. Of two sample rates the
    lower one is resampled to the higher one.

    Args:
      voices: one or two voices; two babblers are taken as they are.
      speakers: names, one for each voice or two for the only one; empty for the first ones.
      temperature: sampling temperature; None for each voice's own.
      top_k: number of the most likely quantization levels to sample from; 0 for all.
      language: name of the language of voices that speak phones; None for each voice's first.
      prosody: how both speak, or each of two. Its level does nothing here: a dialogue brings both to one level.

    Returns:
      Two babblers of one sample rate.

    Raises:
      BabbleError: other numbers of voices or speakers, no voice in a folder, no such language, an impossible
        temperature or top_k, or a prosody that a voice knows nothing of.
    """
    prosodies = _pair_of(prosody)
    items = _as_list(voices)
    try:
        Sampling(1.0 if temperature is None else temperature, top_k)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    babblers = [item for item in items if _is_babbler(item)]
    if len(babblers) < len(items):
        babblers = _speakers_of(
            [_load(item) for item in items], speakers, language, temperature, top_k, prosodies
        )
    elif prosodies != (NEUTRAL, NEUTRAL):
        raise BabbleError("A babbler speaks with the prosody that it was made with; give it to load_babbler.")
    if len(babblers) == 1:
        if prosodies[0] != prosodies[1]:
            raise BabbleError(
                "A voice of one speaker, used twice, speaks with one prosody; give one, not two."
            )
        return make_speaker_pair(babblers[0])
    if len(babblers) != 2:
        raise BabbleError(f"A dialogue takes one or two voices, not {len(items)}.")
    first, second = match_rates(babblers)
    return first, second


def with_prosody(babbler: Babbler, prosody: Prosody) -> Babbler:
    """Returns a babbler that speaks with another prosody.

    Args:
      babbler: of a pretrained voice, as it is, shifted or resampled; any, for a neutral prosody.
      prosody: in place of its own; a neutral one leaves its own.

    Raises:
      BabbleError: it is a babbler of another kind, or its voice knows nothing of the prosody.
    """
    if prosody == NEUTRAL:
        return babbler
    if isinstance(babbler, PitchShiftedBabbler | ResampledBabbler):
        return dataclasses.replace(babbler, babbler=with_prosody(babbler.babbler, prosody))
    if not isinstance(babbler, VoiceBabbler | TacotronBabbler):
        raise BabbleError(
            f"The voice {babbler.name} cannot be given {prosody}; take a voice with units, such as babblers."
        )
    return dataclasses.replace(babbler, prosody=prosody)


def without_final(babbler: Babbler) -> Babbler:
    """Returns a babbler that gives utterances no final contour, and thus makes streams of no given activity, too."""
    if isinstance(babbler, PitchShiftedBabbler | ResampledBabbler):
        return dataclasses.replace(babbler, babbler=without_final(babbler.babbler))
    if isinstance(babbler, VoiceBabbler | TacotronBabbler) and babbler.prosody.final is not None:
        return dataclasses.replace(babbler, prosody=dataclasses.replace(babbler.prosody, final=None))
    return babbler


def _pair_of(prosody: Prosody | Sequence[Prosody]) -> tuple[Prosody, Prosody]:
    """Returns a prosody for each of two, without its level."""
    both = (prosody, prosody) if isinstance(prosody, Prosody) else (*prosody,)
    if len(both) != 2:
        raise BabbleError(f"A dialogue takes a prosody for both or two, not {len(both)}.")
    first, second = (dataclasses.replace(one, level=0.0) for one in both)
    return first, second


def _as_list(voices: VoiceLike | Sequence[VoiceLike]) -> list[VoiceLike]:
    if isinstance(voices, Sequence) and not isinstance(voices, str):
        return list(voices)
    return [cast(VoiceLike, voices)]


def _is_babbler(item: VoiceLike) -> TypeGuard[Babbler]:
    return hasattr(item, "babble")


def _load(item: VoiceLike) -> LoadedVoice:
    if isinstance(item, PretrainedVoice | TacotronVoice):
        return item
    if _is_babbler(item):
        raise BabbleError("A dialogue takes voices or babblers, not one of each.")
    return load_any_voice(item)  # pyright: ignore[reportArgumentType]


def _speakers_of(
    loaded: Sequence[LoadedVoice],
    speakers: Sequence[str],
    language: str | None,
    temperature: float | None,
    top_k: int,
    prosodies: tuple[Prosody, Prosody],
) -> list[Babbler]:
    """A babbler for each speaker, or for the first one of each voice."""
    if not speakers and len(loaded) == 1 and len(speakers_of(loaded[0])) > 1:
        speakers = speakers_of(loaded[0])[:2]
    pairs = [(voice, next(iter(speakers_of(voice)), None)) for voice in loaded]
    if speakers:
        repeated = [*loaded, *loaded] if len(loaded) == 1 and len(speakers) == 2 else loaded
        if len(repeated) != len(speakers):
            raise BabbleError("Give as many speakers as there are voices, or two for one voice.")
        pairs = list(zip(repeated, speakers, strict=True))
    return [
        make_babbler(voice, speaker, language, temperature, top_k, prosodies[min(i, 1)])
        for i, (voice, speaker) in enumerate(pairs)
    ]
