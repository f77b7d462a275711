"""The run: steps, figures, evaluations, checkpoints, in that order, from wherever the folder has got to."""

import contextlib
import dataclasses
import math
import tempfile
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax import config as configs
from babble_jax import files
from babble_jax.audio import spectrogram
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.dataset.tbptt import batches
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.progress import Progress
from babble_jax.track.jsonl import JsonLines
from babble_jax.track.tracker import CompositeTracker, Tracker
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.conditioning import batch_conditioning, units_of
from babble_jax.train.config import LogConfig, TrainConfig
from babble_jax.train.devices import parallel
from babble_jax.train.evaluate import Evaluation, Score, bits, subsample
from babble_jax.train.state import TrainState, initial
from babble_jax.train.step import Metrics, train_step
from babble_jax.voice.conditioning.streams import as_recorded, conditioning
from babble_jax.voice.conditioning.units import Units
from babble_jax.voice.contract import Params
from babble_jax.voice.speak import speak
from babble_jax.voice.voice import Voice


@dataclasses.dataclass(frozen=True)
class Report:
    """Attributes:
    step: updates made in all.
    validation: the last score on the validation split.
    voice: the folder of the trained voice.
    """

    step: int
    validation: Score
    voice: Path


def recordings_for(config: TrainConfig, split: str) -> Recordings:
    """A split of the run's data set, at the voice's rate.

    Raises:
      BabbleError: the data set has another list of speakers than the voice.
    """
    voice = config.voice
    recordings = open_dataset(config.dataset, split, voice.sample_rate)
    if voice.speakers and voice.speakers != recordings.speaker_names:
        raise BabbleError(f"{config.dataset}: its speakers are not the voice's; train another voice on it.")
    return recordings


def start_of(config: TrainConfig) -> Params | None:
    """The parameters that the run starts from; None to draw them.

    Raises:
      BabbleError: no voice there, or its parameters are not of the shapes of the model that is to be trained.
    """
    if config.init_from is None:
        return None
    found = load_voice(Path(config.init_from)).params
    wanted = jax.eval_shape(config.voice.sample_model.init, jax.random.key(0))
    shapes = [
        {jax.tree_util.keystr(path, simple=True, separator="/"): x.shape for path, x in leaves}
        for leaves in map(jax.tree_util.tree_leaves_with_path, (found, wanted))
    ]
    if differ := sorted(set(shapes[0].items()) ^ set(shapes[1].items())):
        name = differ[0][0]
        raise BabbleError(
            f"{config.init_from}: its parameters do not fit the model that is to be trained ({name} is "
            f"{shapes[0].get(name, 'absent')} there and {shapes[1].get(name, 'absent')} here); give the model, the "
            "levels, the speakers and the features of that voice, or train from the start."
        )
    return found


def trackers(workdir: Path, config: TrainConfig, log: LogConfig) -> CompositeTracker:
    """JSON lines always, Weights & Biases when asked; of several processes the first alone keeps figures."""
    if jax.process_index():
        return CompositeTracker([])
    chosen: list[Tracker] = [JsonLines(workdir)]
    if log.wandb != "off":
        from babble_jax.track.weights_and_biases import WeightsAndBiases  # a second to import

        chosen.append(WeightsAndBiases(workdir, log.wandb, log.project, configs.to_json(config)))
    return CompositeTracker(chosen)


def train(config: TrainConfig, workdir: Path, steps: int, log: LogConfig = LogConfig()) -> Report:
    """Trains up to `steps` updates in all, going on from the latest checkpoint in `workdir`.

    Started again after any kind of end, the run goes on to the same figures and parameters, to the bit, on the same
    kind and number of devices and threads. Leaves in `workdir`: `config.json`, `checkpoints/`, `metrics.jsonl`,
    `media/`, `units.safetensors` for a voice that is told units, and `voice/`, the voice as of the last checkpoint.

    Raises:
      BabbleError: the folder's run has another config, the data set does not fit the voice, or the loss is no longer
        finite; the message names the step and the last good checkpoint.
    """
    if steps < 1:
        raise BabbleError(f"steps is {steps}; ask for at least one.")
    recordings = recordings_for(config, "train")
    held_out = subsample(recordings_for(config, "validation"), log.evaluate_recordings)
    devices = jax.device_count()
    if config.batch_size % devices:
        raise BabbleError(
            f"A batch of {config.batch_size} streams does not divide among {devices} devices; change --batch-size to a multiple."
        )
    devoted = parallel(config.parallel, config.batch_size)
    side_by_side = min(config.batch_size, len(held_out))
    side_by_side = -(-side_by_side // devices) * devices

    share = {"process_index": jax.process_index(), "process_count": jax.process_count()}
    if not (workdir / "config.json").exists():
        start_of(config)  # where that fails, the folder is not this run's yet
    with contextlib.ExitStack() as opened:
        checkpoints = opened.enter_context(contextlib.closing(Checkpoints(workdir, config, log.keep)))
        units = units_of(config, recordings, workdir)
        if config.balance:
            recordings = recordings.balanced()
        local = batch_conditioning(config, recordings, units)
        step = devoted.compile(train_step(config))
        evaluation = Evaluation(
            config, parallel(config.parallel, side_by_side), held_out, side_by_side, units
        )
        batch_size, length = config.batch_size, config.subsequence
        data = iter(
            batches(
                recordings,
                batch_size,
                length,
                config.seed,
                local=local,
                segment_shuffle=config.segment_shuffle,
                **share,
            )
        )
        opened.callback(data.close)  # or grain's thread outlives the interpreter
        flat = initial(config, config.batch_size, start_of(config) if checkpoints.latest is None else None)
        if jax.process_index() == 0:
            for folder in (workdir, workdir / "voice", workdir / "media"):
                files.remove_partial(folder)  # what a kill left
        if checkpoints.latest is not None:
            flat = checkpoints.restore(flat, data)
        done = int(flat.step)
        tracker = opened.enter_context(contextlib.closing(trackers(workdir, config, log)))
        tracker.resume(done)
        run = _Run(config, log, workdir, checkpoints, tracker, evaluation, units)
        state, score = devoted.place(flat), None
        pending: tuple[int, Metrics] | None = None
        with Progress("training", max(steps - done, 0), "steps") as progress:
            for number in range(done + 1, steps + 1):
                state, figures = step(state, next(data))
                if pending is not None:  # read a step late, so that the devices never wait for it
                    progress.update(bits=run.check(*pending))
                pending = number, figures
                due_save = number % log.save_every == 0 or number == steps
                due_score = number == steps or (log.evaluate_every and number % log.evaluate_every == 0)
                if due_save or due_score:
                    progress.update(bits=run.check(*pending))
                    pending = None
                    flat = devoted.flat(state)
                    score = run.score(number, flat) if due_score else None
                    if due_save:
                        run.save(number, flat, data, score)
        return Report(int(flat.step), score or evaluation(flat.params), workdir / "voice")


@dataclasses.dataclass
class _Run:
    """What happens beside the steps."""

    config: TrainConfig
    log: LogConfig
    workdir: Path
    checkpoints: Checkpoints
    tracker: Tracker
    evaluation: Evaluation
    units: Units | None

    def check(self, number: int, figures: Metrics) -> float:
        """Reads a step's figures, logs them when due, and stops on a loss that is not finite; returns its bits."""
        nats, weight, correct, norm = (float(x) for x in figures)
        if not (math.isfinite(nats) and math.isfinite(norm)):
            latest = self.checkpoints.latest
            good = (
                f"the last good checkpoint is step {latest}"
                if latest is not None
                else "no checkpoint was saved"
            )
            raise BabbleError(
                f"{self.workdir}: the loss is not finite at step {number}; {good}. "
                "Lower the learning rate and train into another folder."
            )
        values = {"train/bits": bits(nats, weight), "train/accuracy": correct / max(weight, 1.0)}
        if number % self.log.every == 0:
            rate = float(np.asarray(self.config.optimizer.schedule()(number - 1)))
            self.tracker.figures(number, values | {"train/gradient_norm": norm, "train/learning_rate": rate})
        return values["train/bits"]

    def score(self, number: int, flat: TrainState) -> Score:
        """Evaluates, together with all processes; the first logs babble of each speaker with its spectrogram."""
        score = self.evaluation(flat.params)
        self.tracker.figures(number, {"validation/bits": score.bits, "validation/accuracy": score.accuracy})
        voice = self.config.voice
        count = round(self.log.audio_seconds * voice.sample_rate)
        if count and jax.process_index() == 0:
            key = jax.random.fold_in(jax.random.wrap_key_data(jnp.asarray(flat.key)), number)
            streams = max(1, len(voice.speakers))
            speaker = np.arange(streams, dtype=np.int32) if voice.speakers else None
            released, keys = Voice(voice, flat.params, units=self.units), jnp.tile(key, streams)
            active = as_recorded(released, self.log.audio_seconds, keys, speaker)
            local = conditioning(released, active, keys, speaker)
            babble = speak(released, keys, count, speaker=speaker, local=local)
            for audio, name in zip(babble, voice.speakers or ("",), strict=True):
                of = f"-{name}" if name else ""
                self.tracker.audio(number, f"babble{of}", audio, voice.sample_rate)
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / "babble.png"
                    spectrogram.spectrogram(audio, voice.sample_rate, path, f"babble after {number} steps")
                    self.tracker.picture(number, f"spectrogram{of}", path)
        return score

    def save(self, number: int, flat: TrainState, data: Any, score: Score | None) -> None:
        """Saves the voice as a release, with the score if this step has one, and then a checkpoint.

        In this order, since a run that stops at a checkpoint would leave an older voice behind for good if it were
        killed in between, and a voice that is ahead of its checkpoint is written again.
        """
        if jax.process_index() == 0:
            card = {"dataset": Path(self.config.dataset).name, "steps": number}
            if self.config.init_from is not None:
                card["init_from"] = Path(self.config.init_from).name
            if score is not None:
                card["validation_bits"] = score.bits
            save_voice(
                PretrainedVoice(self.config.voice, flat.params, units=self.units, card=card),
                self.workdir / "voice",
            )
        self.checkpoints.save(number, flat, data)
