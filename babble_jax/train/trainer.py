"""The trainer: updates, hooks and checkpoints of a task, from the latest checkpoint of the folder on.

It knows steps, devices, checkpoints, clocks and trackers, and no model.
"""

import contextlib
import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import jax

from babble_jax import files
from babble_jax.errors import BabbleError, StoppedError
from babble_jax.numerics import fixed_numerics
from babble_jax.progress import Progress
from babble_jax.track.jsonl import JsonLines
from babble_jax.track.tracker import CompositeTracker, Tracker
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.config import MOST_STEPS, LogConfig, TrainConfig
from babble_jax.train.devices import check_division, device_mesh
from babble_jax.train.ending import Budget, EndingHook
from babble_jax.train.hooks import (
    EvaluateHook,
    FinishHook,
    Hook,
    MetricsHook,
    Moment,
    SamplesHook,
    SaveHook,
    is_due,
)
from babble_jax.train.interruption import (
    InterruptedEvaluationError,
    StopRequest,
    check_interruption,
    watch_signals,
)
from babble_jax.train.memory import keep_freed_memory
from babble_jax.train.norms import MeasuredUpdate
from babble_jax.train.processes import check_shared, first_process_first, wait_for_processes
from babble_jax.train.record import RunRecord, check_workdir, latest_step
from babble_jax.train.run_messages import RunMessages
from babble_jax.train.state import init_train_state
from babble_jax.train.step import Metrics, train_step
from babble_jax.train.task import Evaluation, Task

_HIGHEST_RATE, _HIGHEST_CLIP = 1e3, 1e9


@dataclasses.dataclass(frozen=True)
class RunReport:
    """Report of a run.

    Attributes:
      step: updates made in all.
      evaluation: the last evaluation.
      export: folder of the exported model.
    """

    step: int
    evaluation: Evaluation
    export: Path


def open_trackers(workdir: Path, record: RunRecord) -> CompositeTracker:
    """Opens the trackers of a run: JSON lines, and Weights & Biases where its log says so.

    With several processes the first one alone tracks.

    Args:
      workdir: folder of the run.
      record: its record.
    """
    if jax.process_index():
        return CompositeTracker([])
    trackers: list[Tracker] = [JsonLines(workdir)]
    if record.log.wandb != "off":
        from babble_jax.track.weights_and_biases import WeightsAndBiases  # a second to import

        trackers.append(WeightsAndBiases(workdir, record.log.wandb, record.log.project, record.to_json()))
    return CompositeTracker(trackers)


def update_record(task: Task, workdir: Path, steps: int, log: LogConfig) -> RunRecord:
    """Makes the record of a run that begins or goes on; the first process writes it.

    A folder without a checkpoint, of a first start that failed, takes new values.

    Args:
      task: the task, opened.
      workdir: folder of the run.
      steps: updates in all.
      log: settings of the log.

    Raises:
      BabbleError: the run in the folder has other values that may not change, or a damaged record.
    """
    new, path, kind = (
        RunRecord.begin(task.config, task.derived, steps, log),
        workdir / "config.json",
        type(task.config),
    )
    done, first = latest_step(workdir), jax.process_index() == 0
    if done is None:
        earlier = RunRecord.read(path, kind) if path.exists() else None
        if earlier is not None and (earlier.config, earlier.derived) != (new.config, new.derived):
            task.discard(workdir)
        if first:
            new.write(workdir)
        return new
    saved = workdir / "checkpoints" / str(done) / "config" / "metadata"
    digests = task.content_digests
    # What was damaged or changed in `path` differs from the checkpoint's copy.
    RunRecord.read(saved, kind).continue_as(new, done, path, digests)
    record = RunRecord.read(path if path.exists() else saved, kind).continue_as(new, done, path, digests)
    if done >= steps and first:
        message = f"has made {done} updates already; give more than that as steps to train on"
        print(f"{workdir}: {message}, not {steps}.", file=sys.stderr)
    record = dataclasses.replace(record, steps=max(steps, done))
    if record.schedules[-1]["from_step"] == done and (change := record.schedule_change()) and first:
        print(f"{workdir}: {change}.", file=sys.stderr)
    if first:
        record.write(workdir)
    return record


@fixed_numerics(any_precision=True)
def train(
    task: Task, workdir: Path, steps: int, log: LogConfig = LogConfig(), budget: Budget | None = None
) -> RunReport:
    """Trains a task up to `steps` updates in all, from the latest checkpoint in `workdir` on.

    A run that is started again after an interruption of any kind gives the same metrics and parameters, to the bit,
    on the same kind and number of devices and threads. SIGTERM and Ctrl-C end it when it has saved. It leaves in
    `workdir`: `config.json`, `checkpoints/`, `metrics.jsonl`, `media/`, and the model at the last checkpoint in the
    task's `export_folder`.

    Args:
      task: the task.
      workdir: folder of the run.
      steps: updates in all, those of earlier runs in the folder included.
      log: settings of its log.
      budget: evaluates the run in equal parts, in place of every so many steps, keeps the best parameters in the folder
        `ending.BEST`, and ends the run by the clock or where it gains nothing; of one process. None for none of that.

    Raises:
      BabbleError: the folder holds other files, its run has another config or is being trained by another process, the
        task cannot be trained, or the loss is no longer finite; the message names the step and the last good
        checkpoint.
      StoppedError: SIGTERM or Ctrl-C has stopped the run; the message says what was saved.
    """
    if steps < 1:
        raise BabbleError(f"steps is {steps}; ask for at least one.")
    if steps > MOST_STEPS:
        raise BabbleError(f"steps is {str(steps)[:30]}; ask for {MOST_STEPS} at most.")
    _check_bounds(task.config, log)
    if not jax.process_index():
        check_workdir(workdir)
    # One process of a run is enough to lock its folder.
    lock = contextlib.nullcontext() if jax.process_index() else files.lock_folder(workdir)
    on_cpu = jax.default_backend() == "cpu"
    with watch_signals() as request, lock, keep_freed_memory() if on_cpu else contextlib.nullcontext():
        try:
            report = _train(task, workdir, steps, log, request, budget)
        except StoppedError as stop:
            raise StoppedError(_stop_message(workdir), stop.signal) from None
        if request.signal is not None:
            raise StoppedError(_stop_message(workdir), request.signal)
        return report


def _check_bounds(config: TrainConfig, log: LogConfig) -> None:
    """Raises `BabbleError` where numbers are larger than anybody means."""
    rate, clip = config.optimizer.learning_rate, config.optimizer.clip
    if rate > _HIGHEST_RATE:
        raise BabbleError(f"learning_rate is {rate:g}; choose {_HIGHEST_RATE:g} at most.")
    if clip > _HIGHEST_CLIP:
        raise BabbleError(f"clip is {clip:g}; choose {_HIGHEST_CLIP:g} at most, or 0 to clip nothing.")
    for name in ("every", "evaluate_every", "evaluate_recordings", "save_every", "keep"):
        if (value := getattr(log, name)) > MOST_STEPS:
            raise BabbleError(f"{name} is {str(value)[:30]}; choose {MOST_STEPS} at most.")


def run_hooks(hooks: Sequence[Hook], moment: Moment) -> None:
    """Runs hooks on a moment. Where the run is to stop, all but a save are left out, until it goes on."""
    for hook in hooks:
        try:
            if not isinstance(hook, SaveHook | FinishHook):
                check_interruption()
            hook(moment)
        except InterruptedEvaluationError:
            moment.complete = False
        wait_for_processes(type(hook).__name__)  # one may have worked for all, for minutes


def _stop_message(workdir: Path) -> str:
    step = latest_step(workdir)
    if step is None:
        return "stopped before the first update; nothing was saved"
    command = f"babble train --workdir {shlex.quote(str(workdir))}"
    return f"stopped after step {step}, saved in {workdir}; go on with: {command}"


def _train(
    task: Task, workdir: Path, steps: int, log: LogConfig, request: StopRequest, budget: Budget | None
) -> RunReport:
    if budget is not None and jax.process_count() > 1:  # their clocks would not agree on the last update
        raise BabbleError(
            "A run with a budget trains in one process; start one alone, or leave the budget out."
        )
    config, devices = task.config, jax.device_count()
    task.open(latest_step(workdir) is not None)
    check_division(config.batch_size, devices, resumed=(workdir / "config.json").is_file())
    with first_process_first(f"record {workdir}"):
        record = update_record(task, workdir, steps, log)
        check_shared(workdir / "config.json")
    with contextlib.ExitStack() as stack:
        checkpoints = stack.enter_context(Checkpoints(workdir, record.to_json(), log.keep))
        task.prepare(workdir, log)
        wait_for_processes(f"prepared {workdir}")
        mesh, schedule = device_mesh(config.parallel, config.batch_size), record.schedule()
        compiled = mesh.compile(train_step(task, schedule))
        data = stack.enter_context(contextlib.closing(task.batches()))
        state, moment = init_train_state(task), None
        if jax.process_index() == 0:
            for folder in (workdir, workdir / task.export_folder, workdir / "media"):
                files.remove_partial(folder)  # of a run that was killed
        complete = True
        if checkpoints.latest is not None:
            state, complete = checkpoints.restore(state, data)
        done = int(state.step)
        tracker = stack.enter_context(contextlib.closing(open_trackers(workdir, record)))
        tracker.resume(done, complete)
        tracker.log_summary(task.facts)
        by_clock = budget is not None and budget.seconds is not None
        messages = RunMessages(task, done, None if by_clock else steps)
        check = MetricsHook(log.every, task, tracker, schedule, workdir, checkpoints, messages.speed)
        save = SaveHook(log.save_every, task, workdir, checkpoints)
        every = log.evaluate_every if budget is None else 0
        hooks: list[Hook] = [
            EvaluateHook(every, task, tracker),
            SamplesHook(every, task, tracker),
            save,
            FinishHook(0, task, tracker, workdir),
        ]
        ending = None
        if budget is not None:
            ending = EndingHook(
                log.save_every, budget, task, workdir, steps, done, tracker, lambda: messages.seconds
            )
            hooks.insert(3, ending)
        moment = Moment(done, state, data, saved=True)
        update = MeasuredUpdate(compiled, log.every, done)
        messages.begin()
        pending: tuple[int, Metrics] | None = None
        with request.deferred():
            if ending is not None:
                ending.resume(moment)
                if ending.is_new or not complete:
                    run_hooks([hook for hook in hooks if isinstance(hook, EvaluateHook | EndingHook)], moment)
            elif not complete:
                run_hooks([hook for hook in hooks if is_due(hook, done, steps)], moment)
            state = mesh.shard(state)
            first, total = jax.process_index() == 0, None if by_clock else max(steps, done)
            with Progress("training", total, "steps", done=done, shown=first) as progress:
                if ending is not None and ending.is_late:
                    steps = done
                for number in range(done + 1, steps + 1):
                    if ending is not None and (ending.gains_nothing or not moment.complete):
                        if moment.step > done:
                            messages.end_early(moment.step)
                            run_hooks([hook for hook in hooks if isinstance(hook, FinishHook)], moment)
                        break
                    batch = next(data)
                    with messages.first_update() if number == done + 1 else contextlib.nullcontext():
                        state, metrics = update(state, batch)
                        if number == done + 1:
                            jax.block_until_ready(metrics)
                    if pending is not None:  # fetched a step late, so that the devices never wait for it
                        left = {} if ending is None else ending.time_left()
                        progress.update(1, **check(*pending), **messages.metrics(), **left)
                        messages.update(number, state.params, batch)
                    pending = number, metrics
                    last = number if ending is not None and ending.ends_at(number) else steps
                    due = [hook for hook in hooks if is_due(hook, number, last)]
                    if ending is not None and ending.evaluates_at(number) and number != last:
                        due = [hook for hook in hooks if not isinstance(hook, FinishHook)]
                    stop = request.agreed(number)
                    if due or stop:
                        progress.update(1, **check(*pending))
                        pending = None
                        moment = Moment(number, mesh.unreplicate(state), data)
                        run_hooks(due, moment)
                        stop = stop or request.agreed(number)
                    if stop:
                        if not moment.saved:
                            save(moment)
                        break
                    if number == last:
                        break
                    if due:
                        messages.restart()
        if request.signal is None and moment.evaluation is None:
            moment.evaluation = task.evaluate(moment.state.params)
        evaluation = moment.evaluation or Evaluation({}, 0.0)
        return RunReport(int(moment.state.step), evaluation, workdir / task.export_folder)
