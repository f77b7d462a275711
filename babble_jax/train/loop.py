"""The training loop: updates, metrics, evaluations and checkpoints, from the latest checkpoint of the folder on."""

import contextlib
import dataclasses
from pathlib import Path

import jax

from babble_jax import config as configs
from babble_jax import files
from babble_jax.dataset.source import Recordings, open_dataset
from babble_jax.dataset.tbptt import prefetch_batches
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.progress import Progress
from babble_jax.track.jsonl import JsonLines
from babble_jax.track.tracker import CompositeTracker, Tracker
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.config import LogConfig, TrainConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.evaluate import EvaluationMetrics, Evaluator, subsample
from babble_jax.train.hooks import RunHooks
from babble_jax.train.state import init_train_state
from babble_jax.train.step import Metrics, train_step
from babble_jax.train.tasks.voice.conditioning import batch_conditioning, load_or_fit_units
from babble_jax.voice.contract import Params


@dataclasses.dataclass(frozen=True)
class TrainReport:
    """Report of a run.

    Attributes:
      step: updates made in all.
      validation: metrics of the last evaluation on the validation split.
      voice: folder of the trained voice.
    """

    step: int
    validation: EvaluationMetrics
    voice: Path


def open_recordings(config: TrainConfig, split: str) -> Recordings:
    """Opens a split of the run's data set, at the voice's rate.

    Raises:
      BabbleError: the data set has another list of speakers than the voice.
    """
    voice = config.voice
    recordings = open_dataset(config.dataset, split, voice.sample_rate)
    if voice.speakers and voice.speakers != recordings.speaker_names:
        raise BabbleError(f"{config.dataset}: its speakers are not the voice's; train another voice on it.")
    return recordings


def initial_params(config: TrainConfig) -> Params | None:
    """Loads the parameters of the voice that the run starts from; None to draw new ones.

    Raises:
      BabbleError: there is no such voice, or its parameters are not of the shapes of the model to be trained.
    """
    if config.init_from is None:
        return None
    params = load_voice(Path(config.init_from)).params
    expected = jax.eval_shape(config.voice.sample_model.init, jax.random.key(0))
    shapes = [
        {jax.tree_util.keystr(path, simple=True, separator="/"): x.shape for path, x in leaves}
        for leaves in map(jax.tree_util.tree_leaves_with_path, (params, expected))
    ]
    if differ := sorted(set(shapes[0].items()) ^ set(shapes[1].items())):
        name = differ[0][0]
        raise BabbleError(
            f"{config.init_from}: its parameters do not fit the model that is to be trained ({name} is "
            f"{shapes[0].get(name, 'absent')} there and {shapes[1].get(name, 'absent')} here); give the model, the "
            "levels, the speakers and the features of that voice, or train from the start."
        )
    return params


def open_trackers(workdir: Path, config: TrainConfig, log: LogConfig) -> CompositeTracker:
    """Opens the trackers of a run: JSON lines, and Weights & Biases where `log` says so.

    With several processes the first one alone tracks.

    Args:
      workdir: folder of the run.
      config: config of the run.
      log: settings of its log.
    """
    if jax.process_index():
        return CompositeTracker([])
    trackers: list[Tracker] = [JsonLines(workdir)]
    if log.wandb != "off":
        from babble_jax.track.weights_and_biases import WeightsAndBiases  # a second to import

        trackers.append(WeightsAndBiases(workdir, log.wandb, log.project, configs.to_json(config)))
    return CompositeTracker(trackers)


def train(config: TrainConfig, workdir: Path, steps: int, log: LogConfig = LogConfig()) -> TrainReport:
    """Trains a voice up to `steps` updates in all, from the latest checkpoint in `workdir` on.

    A run that is started again after an interruption of any kind gives the same metrics and parameters, to the bit,
    on the same kind and number of devices and threads. It leaves in `workdir`: `config.json`, `checkpoints/`,
    `metrics.jsonl`, `media/`, `units.safetensors` for a voice with units, and `voice/`, the voice at the last
    checkpoint.

    Args:
      config: config of the run.
      workdir: folder of the run.
      steps: updates in all, those of earlier runs in the folder included.
      log: settings of its log.

    Raises:
      BabbleError: the folder's run has another config, the data set does not fit the voice, or the loss is no longer
        finite; the message names the step and the last good checkpoint.
    """
    if steps < 1:
        raise BabbleError(f"steps is {steps}; ask for at least one.")
    recordings = open_recordings(config, "train")
    validation = subsample(open_recordings(config, "validation"), log.evaluate_recordings)
    devices = jax.device_count()
    if config.batch_size % devices:
        raise BabbleError(
            f"A batch of {config.batch_size} streams does not divide among {devices} devices; change --batch-size to "
            "a multiple."
        )
    mesh = device_mesh(config.parallel, config.batch_size)
    validation_batch_size = -(-min(config.batch_size, len(validation)) // devices) * devices

    if not (workdir / "config.json").exists():
        initial_params(config)  # where it raises, the folder does not become this run's
    with contextlib.ExitStack() as stack:
        checkpoints = stack.enter_context(contextlib.closing(Checkpoints(workdir, config, log.keep)))
        unit_models = load_or_fit_units(config, recordings, workdir)
        if config.balance:
            recordings = recordings.balance_speakers()
        step = mesh.compile(train_step(config))
        validation_mesh = device_mesh(config.parallel, validation_batch_size)
        evaluator = Evaluator(config, validation_mesh, validation, validation_batch_size, unit_models)
        data = iter(
            prefetch_batches(
                recordings,
                config.batch_size,
                config.subsequence,
                config.seed,
                local=batch_conditioning(config, recordings, unit_models),
                segment_shuffle=config.segment_shuffle,
                process_index=jax.process_index(),
                process_count=jax.process_count(),
            )
        )
        stack.callback(data.close)  # or grain's thread outlives the interpreter
        params = initial_params(config) if checkpoints.latest is None else None
        host_state = init_train_state(config, config.batch_size, params)
        if jax.process_index() == 0:
            for folder in (workdir, workdir / "voice", workdir / "media"):
                files.sweep(folder)  # of a run that was killed
        if checkpoints.latest is not None:
            host_state = checkpoints.restore(host_state, data)
        done = int(host_state.step)
        tracker = stack.enter_context(contextlib.closing(open_trackers(workdir, config, log)))
        tracker.resume(done)
        hooks = RunHooks(config, log, workdir, checkpoints, tracker, evaluator, unit_models)
        state, evaluation = mesh.shard(host_state), None
        pending: tuple[int, Metrics] | None = None
        with Progress("training", max(steps - done, 0), "steps") as progress:
            for number in range(done + 1, steps + 1):
                state, metrics = step(state, next(data))
                if pending is not None:  # fetched a step late, so that the devices never wait for it
                    progress.update(bits=hooks.check_metrics(*pending))
                pending = number, metrics
                save_due = number % log.save_every == 0 or number == steps
                evaluation_due = number == steps or (log.evaluate_every and number % log.evaluate_every == 0)
                if save_due or evaluation_due:
                    progress.update(bits=hooks.check_metrics(*pending))
                    pending = None
                    host_state = mesh.unreplicate(state)
                    evaluation = hooks.evaluate(number, host_state) if evaluation_due else None
                    if save_due:
                        hooks.save(number, host_state, data, evaluation)
        evaluation = evaluation or evaluator(host_state.params)
        return TrainReport(int(host_state.step), evaluation, workdir / "voice")
