"""Training of a voice from a data set and options: what `babble train` and `babble_jax.train_voice` call."""

import os
from pathlib import Path
from typing import Literal

from babble_jax.audio.quantize import Quantizer
from babble_jax.dataset.bandwidths import estimate_bandwidths
from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig
from babble_jax.train.loop import TrainReport, train
from babble_jax.voice.conditioning import activity
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.kinds import ModelConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig


def train_voice(
    dataset: str | os.PathLike,
    workdir: str | os.PathLike,
    steps: int,
    *,
    model: ModelConfig = SampleRNNConfig(),
    quantizer: Quantizer = Quantizer(),
    optimizer: OptimizerConfig = OptimizerConfig(),
    batch_size: int = 128,
    subsequence: int = 512,
    by_speaker: bool = False,
    by_activity: bool = False,
    units: int = 0,
    noise: float = 0.0,
    segment_shuffle: float = 0.0,
    balance: bool = False,
    init_from: str | os.PathLike | None = None,
    seed: int = 0,
    parallel: Literal["pmap", "jit"] = "pmap",
    log: LogConfig = LogConfig(),
) -> TrainReport:
    """Trains a voice, or goes on with a training that was interrupted, to the same parameters.

    The defaults are those of Mehri et al. 2017 (arXiv 1612.07837), which are large for a CPU.

    Args:
      dataset: folder that `build_dataset` made, or the name of a TFDS data set (ljspeech, librispeech, ...).
      workdir: folder of the run: checkpoints, `metrics.jsonl`, and the voice.
      steps: updates in all.
      model: shape of the voice: a `SampleRNNConfig`, `WaveNetConfig` or `RNNConfig`.
      quantizer: of the samples.
      optimizer: Adam or Muon, and its schedule.
      batch_size: recordings read side by side, over all devices.
      subsequence: samples per step of truncated back-propagation.
      by_speaker: whether to condition on the speakers of the data set; a SampleRNN needs `expand_top`.
      by_activity: whether to condition on when the speaker is active; a SampleRNN needs `expand_top`.
      units: number of acoustic units to condition on, with pitch and level; 0 for none. Needs `by_activity`.
      noise: largest standard deviation of the noise on past samples, in quantization levels; 0 for none.
      segment_shuffle: share of the recordings that are read with their segments in another order. Needs `by_activity`.
      balance: whether speakers with less sound come several times a pass.
      init_from: folder of the voice whose parameters the run starts from; None to draw them.
      seed: of the initial parameters and of the order of the recordings.
      parallel: how the step is mapped over devices.
      log: what the run prints and keeps, and how often.

    Returns:
      The report: `step`, `validation` (its `bits` are bits per sample) and `voice`, the folder of the voice.

    Raises:
      BabbleError: no such data set, options that make no sense together, a run of other options in `workdir`, or a loss
        that is not finite.

    Examples:
      >>> model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1)
      >>> dataset = build_dataset("recordings", "speech", sample_rate=4000).path
      >>> report = train_voice(dataset, "run", 2, model=model, batch_size=4, subsequence=64)
      >>> report.step, report.voice.name
      (2, 'voice')
    """
    recordings = open_dataset(str(dataset), "train")
    bandwidth = estimate_bandwidths(recordings, by_speaker)
    try:
        voice = VoiceConfig(
            model,
            quantizer,
            recordings.sample_rate,
            recordings.gain,
            recordings.speaker_names if by_speaker else (),
            activity.FEATURES if by_activity else (),
            units,
            bandwidth,
        )
        config = TrainConfig(
            voice=voice,
            dataset=str(dataset),
            optimizer=optimizer,
            batch_size=batch_size,
            subsequence=subsequence,
            seed=seed,
            parallel=parallel,
            noise=noise,
            segment_shuffle=segment_shuffle,
            balance=balance,
            init_from=None if init_from is None else str(init_from),
        )
    except ValueError as error:
        raise BabbleError(f"{error}.") from error
    return train(config, Path(workdir), steps, log)
