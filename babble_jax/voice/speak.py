"""Makes audio from a voice that knows in advance what it is to say: loops over a `session.VoiceSession`.

Axes: B streams, T samples.
"""

import dataclasses
from collections.abc import Callable, Iterator

import jax
import numpy as np

from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.stream_features import ConditioningFn
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.session import VoiceSession
from babble_jax.voice.voice import Voice


def stream_audio(
    voice: Voice,
    keys: jax.Array,
    sampling: Sampling | None = None,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    seconds: float = 0.25,
    local: ConditioningFn | None = None,
    sampler: SamplerName = "auto",
    prosody: Prosody = NEUTRAL,
) -> Iterator[np.ndarray]:
    """Makes endless babble, block by block.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone.
      sampling: temperature and top k; None for those of the voice.
      speaker: [B] indices, for a voice with speakers.
      prompt: [B, T] float32 in [-1, 1] at the voice's rate and the level of its recordings. The babble continues it
        and does not contain it. None to start as a recording starts.
      seconds: length of a block, in seconds.
      local: channels of the top frames from the first one on, those of the prompt included, for a voice with features
        (`conditioning.stream_features.conditioning`). It is called block by block, so that it may decide while the
        babble goes on.
      sampler: see `session.VoiceSession`.
      prosody: of which effort and level act here; `local` contains the rest.

    Yields:
      [B, block] float32 in [-1, 1], all of one length, apart from the first one after a prompt.
    """
    prosody = dataclasses.replace(prosody, final=None, contour=None)  # `local` contains them
    session = VoiceSession(voice, keys, sampling, speaker, sampler, prosody)

    def channels(samples: int) -> dict[str, np.ndarray]:
        return {} if local is None else local(*session.next_frames(samples))

    block = max(1, round(seconds * voice.config.sample_rate / session.frame)) * session.frame
    if prompt is not None:
        length = prompt.shape[1]
        session.read_prompt(prompt, channels(length))
        if rest := -length % session.frame:  # up to the next top frame
            yield session.step(channels(rest), rest)
    while True:
        yield session.step(channels(block), block)


def generate_audio(
    voice: Voice,
    keys: jax.Array,
    samples: int,
    sampling: Sampling | None = None,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    advance: Callable[[int], None] = lambda samples: None,
    local: ConditioningFn | None = None,
    sampler: SamplerName = "auto",
    seconds: float = 0.25,
    prosody: Prosody = NEUTRAL,
) -> np.ndarray:
    """Makes babble of a given length.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, see `stream_audio`.
      samples: length in samples.
      sampling: see `stream_audio`.
      speaker: [B] indices, see `stream_audio`.
      prompt: [B, T] float32, see `stream_audio`.
      advance: called with the number of samples made since its last call, of all streams together.
      local: see `stream_audio`.
      sampler: see `stream_audio`.
      seconds: see `stream_audio`; the last block is cut.
      prosody: see `stream_audio`.

    Returns:
      [B, samples] float32 in [-1, 1].
    """
    blocks, length = [], 0
    for audio in stream_audio(voice, keys, sampling, speaker, prompt, seconds, local, sampler, prosody):
        blocks.append(audio)
        advance((min(length + audio.shape[1], samples) - length) * len(audio))
        length += audio.shape[1]
        if length >= samples:
            break
    return np.concatenate(blocks, axis=1)[:, :samples]
