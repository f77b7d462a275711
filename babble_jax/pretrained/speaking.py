"""Babble of a pretrained voice, from the name of the voice and a number of seconds.

Axes: B streams, T samples.
"""

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio import wave
from babble_jax.audio.units import HOP
from babble_jax.errors import BabbleError
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.tacotron_speaking import PhraseRequest
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import LoadedVoice, check_no_language, open_to_sample
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning import stream_features
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody, check_prosody
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.speak import generate_audio, stream_audio


@check_arguments
def speak(
    voice: LoadedVoice | str | os.PathLike = DEFAULT_VOICE,
    seconds: float = 10.0,
    *,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    temperature: float | None = None,
    top_k: int = 0,
    prompt: np.ndarray | str | os.PathLike | None = None,
    prosody: Prosody | None = None,
    sampler: SamplerName = "auto",
) -> np.ndarray:
    """Lets a voice babble.

    Args:
      voice: a voice, its name, or its folder.
      seconds: length of the babble.
      speaker: name of one of the voice's speakers; None for the first.
      language: name of one of its languages, of a voice that speaks phones; None for the first.
      seed: from 0 to 2**32 - 1; the same seed gives the same babble.
      temperature: divides the logits; below 1 tamer, above 1 wilder, 0 for the most likely sample; None for the
        voice's own.
      top_k: number of most likely quantization levels to draw from; 0 for all.
      prompt: [T] float32 in [-1, 1] at the voice's sample rate, or a sound file, which the babble goes on from. It is
        not part of the babble.
      prosody: pitch, rate and more, for a voice with units, or one that speaks phones in a language whose phonotactics
        have a prosody; level and effort for any voice. None changes nothing. With a contour, it speaks when the contour
        does, and `seconds` is the contour's.
      sampler: "compiled" by XLA for any device; "native" for CPUs, with float32 weights, or "int8"; "auto" takes the
        fastest exact one.

    Returns:
      [T] float32 in [-1, 1], at `voice.config.sample_rate`.

    Raises:
      BabbleError: no such voice, speaker or language; an impossible length, seed, temperature or top_k; a prompt that
        cannot be read; or a prosody that the voice knows nothing of.

    Examples:
      >>> voice = load_voice("babblers")
      >>> audio = speak(voice, 0.5, speaker="man", seed=1)
      >>> audio.shape, str(audio.dtype), voice.config.sample_rate
      ((8000,), 'float32', 16000)
    """
    request = _request(voice, seconds, 1, speaker, language, seed, temperature, top_k, prompt, prosody)
    return request.all_streams(sampler)[0]


@check_arguments
def speak_streams(
    voice: LoadedVoice,
    seconds: float,
    streams: int,
    *,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    temperature: float | None = None,
    top_k: int = 0,
    prompt: np.ndarray | str | os.PathLike | None = None,
    prosody: Prosody | None = None,
    sampler: SamplerName = "auto",
    advance: Callable[[int], None] = lambda samples: None,
) -> np.ndarray:
    """Lets a voice babble several streams side by side, each different.

    Args:
      voice: the voice.
      seconds: length of each stream.
      streams: their number.
      speaker: see `speak`.
      language: see `speak`.
      seed: of all streams.
      temperature: see `speak`.
      top_k: see `speak`.
      prompt: of every stream, see `speak`.
      prosody: see `speak`.
      sampler: see `speak`.
      advance: called with the number of samples made since its last call, of all streams together.

    Returns:
      [B, T] float32 in [-1, 1].

    Raises:
      BabbleError: see `speak`.
    """
    request = _request(voice, seconds, streams, speaker, language, seed, temperature, top_k, prompt, prosody)
    return request.all_streams(sampler, advance)


@check_arguments
def speak_blocks(
    voice: LoadedVoice,
    seconds: float,
    block: float = 0.02,
    *,
    speaker: str | None = None,
    language: str | None = None,
    seed: int = 0,
    temperature: float | None = None,
    top_k: int = 0,
    prompt: np.ndarray | str | os.PathLike | None = None,
    prosody: Prosody | None = None,
    sampler: SamplerName = "auto",
) -> Iterator[np.ndarray]:
    """Lets a voice babble block by block, each given as soon as it is made.

    Args:
      voice: the voice.
      seconds: length of all blocks together.
      block: seconds of a block.
      speaker: see `speak`.
      language: see `speak`.
      seed: see `speak`.
      temperature: see `speak`.
      top_k: see `speak`.
      prompt: see `speak`.
      prosody: see `speak`.
      sampler: see `speak`.

    Yields:
      [T] float32 in [-1, 1], all of one length but the first and the last.

    Raises:
      BabbleError: see `speak`.
    """
    request = _request(voice, seconds, 1, speaker, language, seed, temperature, top_k, prompt, prosody)
    return request.blocks(block, sampler)


def _check_prompt(prompt: np.ndarray) -> np.ndarray:
    """Converts a prompt to [T] float32, or raises `BabbleError`."""
    try:
        samples = np.asarray(prompt, np.float32)
    except (TypeError, ValueError):
        samples = np.zeros(0, np.float32)
    if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all():
        raise BabbleError("A prompt is an array [T] of finite numbers, a sample at least; give one, or none.")
    return samples


def _request(
    voice: LoadedVoice | str | os.PathLike,
    seconds: float,
    streams: int,
    speaker: str | None,
    language: str | None,
    seed: int,
    temperature: float | None,
    top_k: int,
    prompt: np.ndarray | str | os.PathLike | None,
    prosody: Prosody | None,
) -> "_Request | PhraseRequest":
    """Checks the arguments of `speak`, and reads its prompt."""
    prosody = NEUTRAL if prosody is None else prosody
    voice, settings = open_to_sample(voice, seed, temperature, top_k)
    rate = voice.config.sample_rate
    wave.check_length(seconds, rate)
    if prosody.contour is not None and abs(seconds - prosody.contour.seconds) > HOP:
        raise BabbleError(
            f"seconds is {seconds:g}, but the contour of {prosody.contour} gives the length; give its `seconds`."
        )
    if isinstance(voice, TacotronVoice):
        if prompt is not None:
            raise BabbleError(
                f"The voice {voice.name} speaks phones and goes on from no prompt; leave it out."
            )
        return PhraseRequest(
            voice, round(seconds * rate), streams, seed, settings, speaker, language, prosody
        )
    check_no_language(voice, language)
    check_prosody(voice, prosody)
    index = voice.index_of(speaker)
    speakers = None if index is None else np.full(streams, index)
    if isinstance(prompt, str | os.PathLike):
        prompt = wave.read(Path(prompt), rate)[0]
    past = None if prompt is None else np.tile(_check_prompt(prompt), (streams, 1))
    keys = stream_keys(seed, streams)
    if prosody.contour is None:
        active = stream_features.draw_activity(voice, seconds, keys, speakers)
    else:
        active = [prosody.contour.activity(seconds)] * streams
    local = stream_features.conditioning(voice, active, keys, speakers, past, prosody)
    arguments = {"voice": voice, "keys": keys, "sampling": settings, "speaker": speakers}
    return _Request(round(seconds * rate), arguments | {"prompt": past, "local": local, "prosody": prosody})


@dataclasses.dataclass(frozen=True, eq=False)
class _Request:
    """The arguments of `voice.speak.generate_audio` for a number of samples."""

    samples: int
    arguments: dict[str, Any]

    def all_streams(
        self, sampler: SamplerName, advance: Callable[[int], None] = lambda samples: None
    ) -> np.ndarray:
        return generate_audio(**self.arguments, samples=self.samples, sampler=sampler, advance=advance)

    def blocks(self, seconds: float, sampler: SamplerName) -> Iterator[np.ndarray]:
        position = 0
        for block in stream_audio(**self.arguments, seconds=seconds, sampler=sampler):
            yield block[0, : self.samples - position]
            position += block.shape[1]
            if position >= self.samples:
                return
