"""Names of the speakers of a dialogue, after their voices."""

from collections.abc import Sequence

from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.voice.babbler import Babbler, PitchShiftedBabbler
from babble_jax.voice.resampled_babbler import ResampledBabbler


def speaker_names(babblers: Sequence[Babbler]) -> tuple[str, ...]:
    """Returns a name for each babbler, no two alike: that of the voice's speaker or, where it has none, of the voice.

    The two pitches of one voice are its low and its high one. Two speakers of one name are numbered. Babblers that are
    no pretrained voices are called A, B, ...
    """
    names = [_name(babbler, chr(ord("A") + index)) for index, babbler in enumerate(babblers)]
    return tuple(
        f"{name}-{names[: index + 1].count(name)}" if names.count(name) > 1 else name
        for index, name in enumerate(names)
    )


def _name(babbler: Babbler, otherwise: str) -> str:
    if isinstance(babbler, PitchShiftedBabbler):
        name = _name(babbler.babbler, "")
        return f"{name}-{'low' if babbler.ratio < 1 else 'high'}" if name else otherwise
    if isinstance(babbler, ResampledBabbler):
        return _name(babbler.babbler, otherwise)
    if not isinstance(babbler, VoiceBabbler | TacotronBabbler):
        return otherwise
    return babbler.speaker_name or babbler.voice.name or otherwise


def with_article(name: str) -> str:
    """Returns the name of a speaker within a sentence: "the woman", but "A" and "Anna"."""
    return f"the {name}" if name.isalpha() and name.islower() else name
