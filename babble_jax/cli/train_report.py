"""Texts of `babble train`: the presets, and the result of a training beside what its preset expects."""

import shlex
import textwrap
from pathlib import Path

from babble_jax.progress import format_estimate
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.voice.config import VoiceTrainConfig
from babble_jax.train.tasks.voice.presets import GPU_FLOPS, GPU_STEP, TRAIN_PRESETS, TrainPreset, find_preset
from babble_jax.train.training import TrainReport

_WIDTH = 110
_BASELINE_RECORDINGS = 64
"""Training recordings on which the Markov model is counted, evenly spaced: enough for its 65,536 probabilities."""
_NEAR = 0.15
"""Bits per sample by which a result may miss its preset's without a word on it: what one set of recordings of read
speech differs from another."""


def format_presets() -> str:
    """Formats the presets: what each is for, its values, time, memory and expected bits per sample."""
    notes = (
        "An option goes before the preset's value; `babble train --preset NAME --help` lists its values.",
        "Times on two cores are without what else runs there; those on a GPU are estimated and never were measured, "
        f"without compiling: operations at {GPU_FLOPS / 1e12:.0f} TFLOP/s, and {GPU_STEP * 1e6:.0f} us for each "
        "sequential step of each recurrent layer, forward and backward.",
        "Bits of one set of recordings cannot be compared with those of another; how far they lie below a Markov model "
        "of the same recordings can, roughly.",
    )
    presets = [_format_preset(name, preset) for name, preset in TRAIN_PRESETS.items()]
    return "\n\n".join([*presets, "\n".join(textwrap.fill(note, _WIDTH) for note in notes)])


def _format_preset(name: str, preset: TrainPreset) -> str:
    config = preset.config
    reads = preset.steps * preset.samples_per_update
    lines = [
        f"{preset.steps:,} updates of {config.batch_size} x {config.subsequence:,} samples: {reads / 1e6:,.0f} million "
        f"samples, so that {reads / preset.sample_rate / 3600:.3g} h at {preset.sample_rate:,} Hz are read in all",
        f"time: about {format_estimate(preset.cpu_seconds)} on two idle cores; about "
        f"{format_estimate(preset.gpu_seconds)} on one GPU (estimated); memory: {preset.memory / 1e9:.1f} GB",
        f"expected: {format_expectation(preset)}",
    ]
    body = "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    ") for line in lines
    )
    return f"{name}: {preset.purpose}\n{body}"


def format_expectation(preset: TrainPreset) -> str:
    """Says what a preset is expected to reach, and how that is known."""
    if preset.bits is None:
        return preset.measured
    below = "" if preset.below_markov is None else f", {preset.below_markov:.2f} below a Markov model"
    return f"{preset.bits:.2f} bits per sample of the validation split{below}: {preset.measured}"


def format_result(config: VoiceTrainConfig, report: TrainReport, log: LogConfig, workdir: Path) -> list[str]:
    """Says how good the result of a training is, and what to do next.

    Args:
      config: values of the training.
      report: of the training.
      log: settings of its log, which say what recordings were evaluated.
      workdir: folder of the run.
    """
    lines = []
    markov = _measure_markov(config, log)
    below = None
    if markov is not None:
        below = markov - report.validation.bits
        lines.append(
            f"a Markov model of the same recordings: {markov:.3f} bits; the voice is {abs(below):.3f} "
            f"{'below' if below >= 0 else 'above: it has learned less than which sample follows which'}"
        )
    name = find_preset(config)
    if name is not None:
        lines.append(_compare(name, TRAIN_PRESETS[name], report, below))
    folder = shlex.quote(str(workdir))
    further = 2 * report.step
    if name is not None and report.step < TRAIN_PRESETS[name].steps:
        further = TRAIN_PRESETS[name].steps
    copy = " --copy RECORDING" if config.mel else ""
    lines += [
        f"hear it: babble speak --voice {folder}{copy} --out babble.wav",
        "is it like speech: babble judge babble.wav",
        f"train on: babble train --workdir {folder} --steps {further}",
    ]
    return lines


def _compare(name: str, preset: TrainPreset, report: TrainReport, below: float | None) -> str:
    """Says whether a result is what its preset expects.

    Args:
      name: of the preset.
      preset: the preset.
      report: of the training.
      below: bits below the Markov model; None where they are not known.
    """
    text = f"preset {name} expects {format_expectation(preset)}"
    if report.step != preset.steps:
        return f"{text}; that is after {preset.steps:,} updates, and this is after {report.step:,}"
    if preset.below_markov is None or below is None:
        return text
    gain = below - preset.below_markov
    if abs(gain) <= _NEAR:
        return f"{text}; this is as expected"
    if gain > 0:
        return f"{text}; this is {gain:.2f} better, as with recordings that are easier to predict"
    return f"{text}; this is {-gain:.2f} worse, as with few, noisy or very varied recordings"


def _measure_markov(config: VoiceTrainConfig, log: LogConfig) -> float | None:
    """Measures bits per sample of a first-order Markov model on the recordings on which the voice was evaluated.

    None for a data set that is not of this package's own format, which may be large, and for too many levels.

    Args:
      config: values of the training.
      log: settings of its log.
    """
    from babble_jax import files
    from babble_jax.train.tasks.voice.evaluation import BIGRAM_LEVELS, ngram_baselines, subsample
    from babble_jax.train.tasks.voice.task import VoiceTask

    if not (Path(config.dataset) / files.MANIFEST).is_file() or config.quantizer.q_levels > BIGRAM_LEVELS:
        return None
    task = VoiceTask(config)
    train = subsample(task.recordings("train"), _BASELINE_RECORDINGS)
    validation = subsample(task.recordings("validation"), log.evaluate_recordings)
    return ngram_baselines(task.voice, train, validation)["markov"]
