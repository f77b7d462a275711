"""Copy synthesis: a vocoder says a recording again from its mel spectrogram alone.

Axes: T samples.
"""

import os
from collections.abc import Callable

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.resampling import resample
from babble_jax.config import check_seed
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.mel import SampledMel, mel_conditioning
from babble_jax.voice.sampling.threefry import stream_keys
from babble_jax.voice.speak import generate_audio


@check_arguments
def copy_synthesis(
    audio: np.ndarray,
    rate: int,
    voice: PretrainedVoice | str | os.PathLike,
    *,
    speaker: str | None = None,
    seed: int = 0,
    temperature: float | None = None,
    sampler: SamplerName = "auto",
    advance: Callable[[int], None] = lambda samples: None,
) -> np.ndarray:
    """Lets a vocoder say a recording again: from the recording to its mel spectrogram, and from that to sound.

    Args:
      audio: [T] float amplitudes in [-1, 1].
      rate: samples per second.
      voice: a voice that was trained with mel, its name, or its folder.
      speaker: name of one of the voice's speakers; None for the first.
      seed: from 0 to 2**32 - 1; the same seed gives the same sound.
      temperature: see `speak`.
      sampler: see `speak`.
      advance: called with the number of samples made since its last call.

    Returns:
      [T'] float32 in [-1, 1] at `voice.config.sample_rate`, of the same duration.

    Raises:
      BabbleError: no such voice or speaker, a voice that is no vocoder, a recording of no or of other than finite
        numbers, an impossible seed or temperature, or a sampler that does not support the voice.

    Examples:
      >>> model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
      >>> dataset = build_dataset("recordings", "speech-of-two", sample_rate=4000).path
      >>> report = train_voice(dataset, "vocoder", 2, model=model, batch_size=4, subsequence=64, mel=True)
      >>> copy_synthesis(np.zeros(6000), 8000, report.voice).shape
      (3000,)
    """
    voice = voice if isinstance(voice, PretrainedVoice) else load_voice(voice)
    mel = voice.config.mel
    if mel is None:
        raise BabbleError(f"The voice {voice.name} is no vocoder; train one with mel (babble train --mel).")
    try:
        check_seed(seed)
        sampling = voice.sampling(temperature)
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    if audio.ndim != 1 or not len(audio) or audio.dtype.kind != "f" or not np.isfinite(audio).all():
        raise BabbleError("A recording is an array [T] of finite float amplitudes, a sample at least.")
    if rate < 1:
        raise BabbleError(f"A recording has a positive rate, not {rate} Hz.")
    samples = resample(audio.astype(np.float32), rate, voice.config.sample_rate)
    index = voice.index_of(speaker)
    return generate_audio(
        voice,
        stream_keys(seed, 1),
        len(samples),
        sampling,
        None if index is None else np.array([index]),
        advance=advance,
        local=mel_conditioning(voice.config, [SampledMel(samples, mel)]),
        sampler=sampler,
    )[0]
