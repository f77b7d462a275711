"""Opens a live session of a pretrained voice."""

import os

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.tacotron_session import TacotronSession
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import LoadedVoice, check_no_language, open_to_sample
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.session import VoiceSession


@check_arguments
def open_session(
    voice: LoadedVoice | str | os.PathLike = DEFAULT_VOICE,
    *,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    temperature: float | None = None,
    top_k: int = 0,
    prosody: Prosody | None = None,
    sampler: SamplerName = "auto",
) -> VoiceSession | TacotronSession:
    """Opens a session in which a voice speaks live: block by block, while it is decided when it speaks.

    Args:
      voice: a voice, its name, or its folder.
      speaker: name of one of the voice's speakers; None for the first.
      language: name of one of its languages, of a voice that speaks phones; None for the first.
      seed: from 0 to 2**32 - 1; the same seed, told the same at the same samples, gives the same babble.
      temperature: see `speak`.
      top_k: see `speak`.
      prosody: how it speaks at first, see `speak`; `set_prosody` of the session changes it while it runs. A voice of
        samples takes no final and no contour, since nobody knows when an utterance will end.
      sampler: see `speak`; "int8" leaves the most time to spare.

    Returns:
      A session of one stream, in silence. `session.step({"active": True}, samples)` gives the next samples, [1, T]
      float32 in [-1, 1]; told `{"active": False}`, the voice begins its release within 20 ms and is silent within 100
      ms. The first step compiles; make one, on a `session.branch()`, before the clock starts.

    Raises:
      BabbleError: no such voice, speaker or language; an impossible seed, temperature or top_k; a prosody that the
        voice knows nothing of; or a sampler that does not support the voice or the CPU.

    Examples:
      >>> session = open_session("babblers", speaker="man", seed=1)
      >>> speech = session.step({"active": True}, 8000)
      >>> rest = session.step({"active": False}, 3200)
      >>> speech.shape, bool((rest[:, 1600:] == 0).all())
      ((1, 8000), True)
      >>> session.set_prosody(Prosody(pitch=3, rate=1.2))
      >>> higher = session.step({"active": True}, 8000)
    """
    prosody = NEUTRAL if prosody is None else prosody
    voice, sampling = open_to_sample(voice, seed, temperature, top_k)
    if isinstance(voice, TacotronVoice):
        return TacotronSession(
            voice, stream_keys(seed, 1), sampling, speaker, language, sampler, prosody=prosody
        )
    check_no_language(voice, language)
    index = voice.index_of(speaker)
    speakers = None if index is None else np.array([index])
    return VoiceSession(voice, stream_keys(seed, 1), sampling, speakers, sampler, prosody)
