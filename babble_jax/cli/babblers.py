"""Two babblers from the voices that a command line names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babble_jax.cli.messages import as_user_error
from babble_jax.errors import BabbleError


def two_babblers(
    voices: Sequence[str | Path], speakers: Sequence[str], temperature: float | None, top_k: int
) -> Sequence[Any]:
    """Loads two babblers from one or two voices.

    One voice gives its first two speakers or, if it has fewer, one babbler at two pitches.

    Args:
      voices: names or folders of voices.
      speakers: names, one for each voice or two for the only one; empty for the first ones.
      temperature: sampling temperature; None for each voice's own.
      top_k: number of the most likely quantization levels to sample from; 0 for all.

    Returns:
      Two babblers of one sample rate.

    Raises:
      BabbleError: other numbers of voices or speakers; a folder that holds no voice.
    """
    from babble_jax.pretrained.babbler import VoiceBabbler
    from babble_jax.pretrained.pretrained import load_voice
    from babble_jax.voice.babbler import make_speaker_pair
    from babble_jax.voice.sampling.ancestral import Sampling

    with as_user_error():
        Sampling(1.0 if temperature is None else temperature, top_k)
    loaded = [load_voice(folder) for folder in voices]
    if not speakers and len(loaded) == 1 and len(loaded[0].config.speakers) > 1:
        speakers = loaded[0].config.speakers[:2]
    pairs = [(voice, next(iter(voice.config.speakers), None)) for voice in loaded]
    if speakers:
        repeated = loaded * 2 if len(loaded) == 1 and len(speakers) == 2 else loaded
        if len(repeated) != len(speakers):
            raise BabbleError("Give as many speakers as there are voices, or two for one voice.")
        pairs = list(zip(repeated, speakers, strict=True))
    babblers: Sequence[Any] = [
        VoiceBabbler(voice, voice.sampling(temperature, top_k), speaker) for voice, speaker in pairs
    ]
    if len(babblers) == 1:
        babblers = make_speaker_pair(babblers[0])
    if len(babblers) != 2:
        raise BabbleError(f"A dialogue takes one or two voices, not {len(voices)}.")
    return babblers
