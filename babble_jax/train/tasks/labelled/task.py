"""What the tasks of training on labelled recordings share: reading and splitting them, and what is said of them."""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax

from babble_jax import files
from babble_jax.dataset.labelled.reading import LabelledFolder, read_labelled
from babble_jax.dataset.labelled.reading_text import describe_folder
from babble_jax.dataset.labelled.splitting import split_recordings
from babble_jax.errors import BabbleError
from babble_jax.plural import plural
from babble_jax.printable import escape_unprintable
from babble_jax.train.task import Params, Task


class LabelledTask(Task):
    """Trains a model on a folder of labelled recordings; a task extends it by its model.

    Its `prepare` cuts the recordings into pieces and makes batches of them.

    Args:
      config: of the run, an extension of `LabelledTrainConfig`.

    Attributes:
      folder: the recordings as they were understood; there once it is open, as the others are.
      digests: SHA-256 of the file of each recording.
      splits: numbers of the recordings of each split.
    """

    content_digests = MappingProxyType({"recordings": "recordings_sha256"})
    folder: LabelledFolder
    digests: list[str]
    splits: dict[str, list[int]]
    _train: Sequence[Any]
    _batches: Any  # which say how many are `per_pass`

    def __init__(self, config: Any):
        self.config = config
        self._resumed = False
        self._card: dict[str, Any] = {}

    def open(self, resumed: bool) -> None:
        """Reads the labels, assigns the recordings to splits, and checks the model that the run starts from.

        Args:
          resumed: whether the run goes on from a checkpoint.

        Raises:
          BabbleError: the folder holds nothing to train on, or the model to start from does not fit.
        """
        config = self.config
        if not config.recordings:
            raise BabbleError("no recordings are named; give a folder with recordings and their labels.")
        self.folder = read_labelled(Path(config.recordings), config.symbols, config.labels, config.tier)
        recordings = self.folder.labelled
        self._check_labels()
        self.digests = [files.sha256(one.path) for one in recordings]
        by_name = {one.name: digest for one, digest in zip(recordings, self.digests, strict=True)}
        self.splits, self._notes = split_recordings(recordings, by_name)
        self._configure()
        self._resumed = resumed
        if not resumed:
            self._initial_params()

    @property
    def timed(self) -> bool:
        """Says if any of the labels have times."""
        return any(one.labels is not None and one.labels.onset is not None for one in self.folder.labelled)

    def _check_labels(self) -> None:
        """Raises `BabbleError` where the labels lack what the config asks for."""
        raise NotImplementedError

    def _configure(self) -> None:
        """Makes the config of the model for the recordings, which have been read."""
        raise NotImplementedError

    def _load_params(self, source: str) -> Params:
        """Loads the parameters of another model; raises `BabbleError` where it does not fit."""
        raise NotImplementedError

    def _initial_params(self) -> Params | None:
        """Loads the parameters of the model that the run starts from; None to draw new ones.

        A run that goes on needs that model no more, since a checkpoint takes the place of its parameters.

        Raises:
          BabbleError: there is no such model, or it has another config.
        """
        source = self.config.init_from
        return None if source is None or self._resumed else self._load_params(source)

    @property
    def recordings_sha256(self) -> str:
        """Digest of the recordings and their labels."""
        labels = {
            one.name: [
                digest,
                list(one.labels.symbols),
                None if one.labels.end is None else one.labels.end.tolist(),
            ]
            for one, digest in zip(self.folder.labelled, self.digests, strict=True)
            if one.labels is not None
        }
        return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()

    def describe_recordings(self) -> None:
        """Says in the first process what was understood of the recordings, and what is held out."""
        if jax.process_index():
            return
        parts = ", ".join(f"{len(numbers)} {split}" for split, numbers in self.splits.items())
        lines = [
            *describe_folder(self.folder),
            f"splits as `babble dataset` makes them: {parts}",
            *self._notes,
        ]
        print("\n".join(map(escape_unprintable, lines)), file=sys.stderr, flush=True)

    @property
    def description(self) -> str:
        """Parameters, symbols, recordings and minutes of training speech, batches of a pass."""
        facts: dict[str, Any] = self.facts
        return (
            f"{facts['parameters'] / 1e6:.2f} million parameters, {facts['symbols']} {self.folder.symbol_kind}, "
            f"{facts['minutes_of_recordings']:.1f} min of {plural(int(facts['recordings']), 'recording')} in "
            f"{plural(len(self._train), 'piece')}, {self._batches.per_pass} updates a pass"
        )

    def data_read(self, steps: int) -> dict[str, float]:
        """Counts the passes over the recordings that `steps` updates have made."""
        return {"passes": steps / self._batches.per_pass}

    def write_card(self, step: int, values: dict[str, Any]) -> dict[str, Any]:
        """Writes the card of the model: recordings, symbols, minutes and steps, and where the run started from.

        Args:
          step: updates made.
          values: what else is on it.
        """
        card = {
            "recordings": self.folder.folder.name,
            "symbols": self.folder.symbol_kind,
            "minutes": round(float(self.facts["minutes_of_recordings"]), 2),
            "steps": step,
        }
        if self.config.init_from is not None:
            card["init_from"] = Path(self.config.init_from).name
        self._card = card | values
        return self._card

    @property
    def card(self) -> dict[str, Any]:
        """Card of the model that was exported last: recordings, symbols, steps, error of the validation split."""
        return self._card
