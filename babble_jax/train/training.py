"""Training of a voice from a data set and options: what `babble train` and `babble_jax.train_voice` call."""

import dataclasses
import os
from pathlib import Path
from typing import Any

from babble_jax.arguments import check_arguments, check_types
from babble_jax.errors import BabbleError
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.evaluation import VoiceMetrics
from babble_jax.train.tasks.voice.presets import TRAIN_PRESETS, PresetName
from babble_jax.train.tasks.voice.task import VoiceTask
from babble_jax.train.trainer import train


@dataclasses.dataclass(frozen=True)
class TrainReport:
    """Report of the training of a voice.

    Attributes:
      step: updates made in all.
      validation: metrics of the last evaluation on the validation split.
      voice: folder of the voice.
    """

    step: int
    validation: VoiceMetrics
    voice: Path


@check_arguments
def train_voice(
    config: VoiceTrainConfig | str | os.PathLike,
    workdir: str | os.PathLike,
    steps: int | None = None,
    *,
    preset: PresetName | None = None,
    log: LogConfig | None = None,
    **options: Any,
) -> TrainReport:
    """Trains a voice, or goes on with a training that was interrupted, to the same parameters.

    Args:
      config: a `VoiceTrainConfig`; or the data set alone (folder that `build_dataset` made, or the name of a TFDS data
        set), with the other values as `options`.
      workdir: folder of the run: checkpoints, `metrics.jsonl`, and the voice.
      steps: updates in all; None for those of the preset.
      preset: name of the values that `options` do not give, "small", "speech", "paper", "babblers" or
        "vocoder" (`babble train --list-presets` describes them); None for those of the SampleRNN paper.
      log: what the run prints and keeps, and how often; None for the preset's, or for the defaults.
      options: fields of `VoiceTrainConfig` by their names: `model`, `quantizer`, `optimizer`, `batch_size`,
        `by_speaker`, `noise`, `seed` and so on.

    Returns:
      The report: `step`, `validation` (its `bits` are bits per sample) and `voice`, the folder of the voice.

    Raises:
      BabbleError: no such data set, options that do not exist or make no sense together, a run of other options in
        `workdir`, or a loss that is not finite.
      StoppedError: SIGTERM or Ctrl-C has stopped the training, which has saved.

    Examples:
      >>> model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1)
      >>> dataset = build_dataset("recordings", "speech", sample_rate=4000).path
      >>> report = train_voice(dataset, "run", 2, model=model, batch_size=4, subsequence=64)
      >>> report.step, report.voice.name
      (2, 'voice')
    """
    for name in ("init_from", "synthesizer", "labelled"):
        if options.get(name) is not None:
            options[name] = str(options[name])
    check_types(VoiceTrainConfig, options)
    if preset is not None:
        if isinstance(config, VoiceTrainConfig):
            raise BabbleError(
                "A preset goes with the data set's folder; give that, or a config without a preset."
            )
        values = TRAIN_PRESETS[preset]
        names = [field.name for field in dataclasses.fields(values.config) if field.name != "dataset"]
        options = {name: getattr(values.config, name) for name in names} | options
        steps, log = values.steps if steps is None else steps, log or values.log
    if steps is None:
        raise BabbleError("The number of steps is not given; give it, or a preset, which has one.")
    try:
        if not isinstance(config, VoiceTrainConfig):
            config = VoiceTrainConfig(dataset=str(config), **options)
        elif options:
            config = dataclasses.replace(config, **options)
    except (TypeError, ValueError) as error:
        raise BabbleError(f"{str(error).removeprefix('VoiceTrainConfig.__init__() ')}.") from error
    folders = {"dataset": config.dataset, "synthesizer": config.synthesizer, "labelled": config.labelled}
    there = {
        name: str(Path(path).resolve()) for name, path in folders.items() if path and Path(path).is_dir()
    }
    config = dataclasses.replace(config, **there)  # the run goes on from any folder
    report = train(VoiceTask(config), Path(workdir), steps, log or LogConfig())
    return TrainReport(report.step, VoiceMetrics.of(report.evaluation), report.export)
