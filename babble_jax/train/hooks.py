"""The hooks of a run, called between its updates: metrics, evaluations with babble, saves."""

import dataclasses
import math
import tempfile
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.audio import spectrogram
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, save_voice
from babble_jax.track.tracker import Tracker
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.config import LogConfig, TrainConfig
from babble_jax.train.evaluate import EvaluationMetrics, Evaluator, bits_per_sample
from babble_jax.train.state import TrainState
from babble_jax.train.step import Metrics
from babble_jax.voice.conditioning.stream_features import conditioning, draw_activity
from babble_jax.voice.conditioning.unit_models import UnitModels
from babble_jax.voice.speak import generate_audio
from babble_jax.voice.voice import Voice


@dataclasses.dataclass
class RunHooks:
    """Logs, evaluates and saves a run.

    Attributes:
      config: config of the run.
      log: settings of its log.
      workdir: its folder.
      checkpoints: its checkpoints.
      tracker: where metrics, audio and pictures go.
      evaluator: evaluates on the validation split.
      unit_models: units of the voice, for a voice with units.
    """

    config: TrainConfig
    log: LogConfig
    workdir: Path
    checkpoints: Checkpoints
    tracker: Tracker
    evaluator: Evaluator
    unit_models: UnitModels | None

    def check_metrics(self, step: int, metrics: Metrics) -> float:
        """Fetches the metrics of a step, logs them when due, and returns bits per sample.

        Raises:
          BabbleError: the loss or the gradient is not finite; the message names the step and the last good
            checkpoint.
        """
        nats, weight, correct, norm = (float(x) for x in metrics)
        if not (math.isfinite(nats) and math.isfinite(norm)):
            latest = self.checkpoints.latest
            good = "no checkpoint was saved"
            if latest is not None:
                good = f"the last good checkpoint is step {latest}"
            raise BabbleError(
                f"{self.workdir}: the loss is not finite at step {step}; {good}. "
                "Lower the learning rate and train into another folder."
            )
        values = {"train/bits": bits_per_sample(nats, weight), "train/accuracy": correct / max(weight, 1.0)}
        if step % self.log.every == 0:
            rate = float(np.asarray(self.config.optimizer.schedule()(step - 1)))
            self.tracker.log_metrics(
                step, values | {"train/gradient_norm": norm, "train/learning_rate": rate}
            )
        return values["train/bits"]

    def evaluate(self, step: int, state: TrainState) -> EvaluationMetrics:
        """Evaluates a host state and logs the metrics; all processes call it, and the first one logs babble, too."""
        metrics = self.evaluator(state.params)
        self.tracker.log_metrics(
            step, {"validation/bits": metrics.bits, "validation/accuracy": metrics.accuracy}
        )
        if jax.process_index() == 0:
            self._log_babble(step, state)
        return metrics

    def _log_babble(self, step: int, state: TrainState) -> None:
        """Logs babble of each speaker, and its spectrogram."""
        config = self.config.voice
        samples = round(self.log.audio_seconds * config.sample_rate)
        if not samples:
            return
        key = jax.random.fold_in(jax.random.wrap_key_data(jnp.asarray(state.key)), step)
        streams = max(1, len(config.speakers))
        speaker = np.arange(streams, dtype=np.int32) if config.speakers else None
        voice, keys = Voice(config, state.params, unit_models=self.unit_models), jnp.tile(key, streams)
        active = draw_activity(voice, self.log.audio_seconds, keys, speaker)
        local = conditioning(voice, active, keys, speaker)
        babble = generate_audio(voice, keys, samples, speaker=speaker, local=local)
        for audio, name in zip(babble, config.speakers or ("",), strict=True):
            suffix = f"-{name}" if name else ""
            self.tracker.log_audio(step, f"babble{suffix}", audio, config.sample_rate)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "babble.png"
                spectrogram.plot_spectrogram(audio, config.sample_rate, path, f"babble after {step} steps")
                self.tracker.log_picture(step, f"spectrogram{suffix}", path)

    def save(self, step: int, state: TrainState, data: Any, metrics: EvaluationMetrics | None) -> None:
        """Saves the voice with its card, and then a checkpoint.

        The voice comes first: a run that is killed between the two saves writes a voice that is ahead of its
        checkpoint again, whereas a voice behind the last checkpoint of a finished run would remain.

        Args:
          step: updates made.
          state: host state.
          data: the data iterator.
          metrics: metrics of an evaluation at this step; None without one.
        """
        if jax.process_index() == 0:
            card = {"dataset": Path(self.config.dataset).name, "steps": step}
            if self.config.init_from is not None:
                card["init_from"] = Path(self.config.init_from).name
            if metrics is not None:
                card["validation_bits"] = metrics.bits
            voice = PretrainedVoice(self.config.voice, state.params, unit_models=self.unit_models, card=card)
            save_voice(voice, self.workdir / "voice")
        self.checkpoints.save(step, state, data)
