"""The record of a run, `WORKDIR/config.json`: its config, and what may change when the run goes on."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import optax

from babble_jax import config as configs
from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.train.config import LogConfig, OptimizerConfig, TrainConfig, join_schedules

SCHEDULE = ("learning_rate", "warmup_steps", "decay_steps")
"""Fields of the optimizer that give the learning rate. Where one changes, the schedule begins anew."""
MAY_CHANGE = ("steps", "log", *(f"optimizer.{name}" for name in SCHEDULE))
"""Values that may change when a run goes on; all others are those that the run began with."""
_CHANGE_REMEDY = f"only {', '.join(MAY_CHANGE[:-1])} and {MAY_CHANGE[-1]} may change"
DATASET_FOLDER, SOURCE_FILE = "dataset", "dataset-source.json"
"""Names, in the folder of a run, of a data set that was made for the run alone, and of what that was made of."""
_OWN_FILES = {"config.json", "checkpoints", SOURCE_FILE}


def latest_step(workdir: Path) -> int | None:
    """Returns the step of the latest checkpoint of a run; None without one."""
    steps = [int(path.name) for path in (workdir / "checkpoints").glob("*") if path.name.isdigit()]
    return max(steps, default=None)


def check_workdir(workdir: Path) -> None:
    """Checks that a folder is new, empty, or that of a run.

    Raises:
      BabbleError: it holds other files.
    """
    if not workdir.is_dir():
        return
    with files.wrap_oserror(workdir):
        names = sorted(path.name for path in workdir.iterdir())
    visible = [
        name for name in names if not name.startswith(".")
    ]  # hidden: what a start that was killed leaves
    if visible and not _OWN_FILES & {*visible}:
        raise BabbleError(
            f"{workdir}: holds other files than a run ({visible[0]}, say); choose a new or empty folder."
        )


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """Contents of `config.json`: the fields of the config, and beside them those below.

    Attributes:
      config: JSON values of the config.
      derived: JSON values that the task derived from its data.
      steps: updates in all that the run is to make.
      log: settings of the log.
      schedules: learning rate schedules: the step after which each begins, and its fields of `OptimizerConfig`.
    """

    config: dict[str, Any]
    derived: dict[str, Any]
    steps: int
    log: LogConfig
    schedules: tuple[dict[str, Any], ...]

    @classmethod
    def begin(cls, config: TrainConfig, derived: dict[str, Any], steps: int, log: LogConfig) -> "RunRecord":
        """Makes the record of a new run.

        Args:
          config: config of the run.
          derived: values that the task derived from its data.
          steps: updates in all.
          log: settings of the log.
        """
        values = configs.to_json(config)
        return cls(values, derived, steps, log, (_schedule(values, 0),))

    @classmethod
    def read(cls, path: Path, kind: type[TrainConfig]) -> "RunRecord":
        """Reads a record. A field of the config that is newer than the run takes its default.

        Args:
          path: `config.json`, or the copy in a checkpoint.
          kind: class of the config.

        Raises:
          BabbleError: the file is damaged or is no record of such a run.
        """
        values = read_json(path, remedy="choose another folder")
        try:
            own = {name: values.pop(name) for name in ("derived", "steps", "log", "schedules")}
            schedules = tuple(
                {"from_step": int(one["from_step"])} | {name: one[name] for name in SCHEDULE}
                for one in own["schedules"]
            )
            steps, derived = int(own["steps"]), dict(own["derived"])
            if not schedules or any(one["from_step"] < 0 for one in schedules):
                raise ValueError("no schedules")
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise BabbleError(f"{path}: this is not the config of a run; choose another folder.") from error
        for one in schedules:
            values_of_one = {name: one[name] for name in SCHEDULE}
            optimizer = configs.from_json(OptimizerConfig, values_of_one, f"{path}: schedules")
            one.update({name: getattr(optimizer, name) for name in SCHEDULE})
        config = configs.to_json(configs.from_json(kind, values, str(path)))
        return cls(config, derived, steps, configs.from_json(LogConfig, own["log"], str(path)), schedules)

    def write(self, workdir: Path) -> None:
        """Writes `config.json`."""
        files.write_json(workdir / "config.json", self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Converts the record to JSON values."""
        return self.config | {
            "derived": self.derived,
            "steps": self.steps,
            "log": configs.to_json(self.log),
            "schedules": list(self.schedules),
        }

    def continue_as(
        self,
        new: "RunRecord",
        step: int,
        path: Path,
        content_digests: Mapping[str, str] = MappingProxyType({}),
    ) -> "RunRecord":
        """Makes the record of the run as it goes on.

        Args:
          new: the record that a new run of the wanted values would have.
          step: of the checkpoint from which it goes on.
          path: of this record, for messages.
          content_digests: see `Task.content_digests`; a folder may have moved where its content is the same.

        Raises:
          BabbleError: a value differs that may not change; the message names all of them.
        """
        before, after = dict(self.config), dict(new.config)
        for name, derived in content_digests.items():
            digests = [one.derived.get(derived) for one in (self, new)]
            if all(digests) and digests[0] != digests[1]:
                earlier = "" if before[name] == after[name] else f" ({before[name]})"
                raise BabbleError(
                    f"{path}: the {name} {after[name]} has other content than that with which the run began{earlier}; "
                    "name the folder where that is now, or begin another run in another folder."
                )
            if all(digests):
                before[name] = after[name]
        derived = new.derived | self.derived  # a value that is newer than the run is not compared
        changed = configs.difference(before | {"derived": derived}, after | {"derived": new.derived})
        refused = [line for line in changed if line.split(":")[0] not in MAY_CHANGE]
        if refused:
            raise BabbleError(
                f"{path}: the run in this folder has another config ({'; '.join(refused)}); choose another folder, "
                f"or the same values to resume: {_CHANGE_REMEDY}."
            )
        schedules = self.schedules
        if changed:
            earlier = [one for one in schedules if one["from_step"] < step]
            schedules = (*earlier, _schedule(new.config, step))
        return dataclasses.replace(new, schedules=schedules)

    def schedule(self) -> optax.Schedule:
        """Makes the learning rate by the number of earlier updates, each schedule from its own step on."""
        return join_schedules(
            [
                (one["from_step"], OptimizerConfig(**{name: one[name] for name in SCHEDULE}))
                for one in self.schedules
            ]
        )

    def schedule_change(self) -> str | None:
        """Says what the last change of the learning rate was; None for a run with one schedule."""
        if len(self.schedules) == 1:
            return None
        old, new = self.schedules[-2:]
        changed = ", ".join(
            f"{name} {old[name]} -> {new[name]}" for name in SCHEDULE if old[name] != new[name]
        )
        return f"{changed}: the learning rate's schedule begins anew after step {new['from_step']}"


def _schedule(config: dict[str, Any], step: int) -> dict[str, Any]:
    return {"from_step": step} | {name: config["optimizer"][name] for name in SCHEDULE}
