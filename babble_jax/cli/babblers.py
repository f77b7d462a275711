"""The two babblers that voices give."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.cli.messages import as_user_error
from babble_jax.errors import BabbleError


def two_babblers(
    voices: Sequence[str | Path], speakers: Sequence[str], temperature: float | None, top_k: int
) -> Sequence[Any]:
    """Loads one or two voices. One voice gives its first two speakers, or, if it has fewer, two that are made of it.

    Args:
      voices: names or folders.
      speakers: one of each voice's, or two of the only voice's; none for the first ones.
      temperature: of the babble; None for each voice's own.
      top_k: of the babble.

    Raises:
      BabbleError: other numbers of voices or speakers; a folder that holds no voice.
    """
    from babble_jax.pretrained.babbler import VoiceBabbler
    from babble_jax.pretrained.pretrained import load_voice
    from babble_jax.voice.babbler import two_of_one
    from babble_jax.voice.sampling.ancestral import Sampling

    with as_user_error():
        Sampling(1.0 if temperature is None else temperature, top_k)  # a rule
    loaded = [load_voice(folder) for folder in voices]
    if not speakers and len(loaded) == 1 and len(known := loaded[0].config.speakers) > 1:
        speakers = known[:2]
    pairs = [(voice, next(iter(voice.config.speakers), None)) for voice in loaded]
    if speakers:
        several = loaded * 2 if len(loaded) == 1 and len(speakers) == 2 else loaded
        if len(several) != len(speakers):
            raise BabbleError("Give as many speakers as there are voices, or two for one voice.")
        pairs = list(zip(several, speakers, strict=True))
    babblers: Sequence[Any] = [
        VoiceBabbler(voice, voice.sampling(temperature, top_k), speaker) for voice, speaker in pairs
    ]
    if len(babblers) == 1:
        babblers = two_of_one(babblers[0])
    if len(babblers) != 2:
        raise BabbleError(f"A dialogue takes one or two voices, not {len(voices)}.")
    return babblers
