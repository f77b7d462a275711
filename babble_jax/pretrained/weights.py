"""Files of a pretrained model: nested parameters as one safetensors file, beside a description that has digests.

The description is a JSON file, `voice.json` for example, with the SHA-256 digests of the other files of the folder.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import files
from babble_jax.errors import BabbleError
from babble_jax.pretrained.folder_layout import DIGESTS, WEIGHTS

SCALE = ".scale"
"""Behind the name of a matrix of int8: the factor of each unit that it gives."""


@dataclasses.dataclass(frozen=True)
class ModelFiles:
    """Files of one kind of model, and its name in messages.

    Attributes:
      kind: the model as messages call it, "voice" for example.
      description: file name of the description.
      network: what its weights are of, as messages call it.
    """

    kind: str
    description: str
    network: str = "model"

    def write_weights(self, arrays: Mapping[str, np.ndarray], folder: Path) -> None:
        """Writes the file of weights atomically.

        An older description is removed before the weights are replaced, so that it never describes weights of another
        save.

        Args:
          arrays: by name.
          folder: made if absent.
        """
        with files.atomic_write(folder / WEIGHTS) as temporary:
            temporary.write_bytes(safetensors.numpy.save(dict(arrays)))
            (folder / self.description).unlink(missing_ok=True)

    def write_description(self, values: Mapping[str, Any], folder: Path, names: Collection[str]) -> None:
        """Writes the description atomically.

        Args:
          values: JSON values of all but the digests.
          folder: of the model.
          names: of the other files, which have been written.
        """
        with files.wrap_oserror(folder):
            digests = {name: files.sha256(folder / name) for name in names}
        files.write_json(folder / self.description, {**values, DIGESTS: digests})

    def check_digest(self, path: Path, content: bytes, digest: Any) -> None:
        """Checks that a file is the one that the description means.

        Args:
          path: of the file.
          content: its bytes.
          digest: SHA-256 in the description.

        Raises:
          BabbleError: it is another.
        """
        if hashlib.sha256(content).hexdigest() != digest:
            raise BabbleError(
                f"{path}: is damaged, or belongs to another {self.kind} (its SHA-256 is not that in "
                f"{self.description}); put back the file that belongs to it, or the whole folder."
            )

    def parse_params(
        self, path: Path, content: bytes, shapes: Mapping[str, Collection[int]], remedy: str
    ) -> dict[str, Any]:
        """Reads nested parameters as float32; checks that they are those of the model that is described, and finite.

        Args:
          path: of the file, for messages.
          content: its bytes.
          shapes: that the model has, by name.
          remedy: the end of the sentence about a file that does not fit.

        Raises:
          BabbleError: the file is no safetensors file, or does not fit.
        """
        try:
            arrays = safetensors.numpy.load(content)
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BabbleError(f"{path}: the weights cannot be read ({error}); {remedy}.") from error
        scales = {name + SCALE for name in arrays} & {*arrays}
        flat = {name: x for name, x in arrays.items() if name not in scales}
        expected = {name: tuple(shape) for name, shape in shapes.items()}
        if expected != {name: x.shape for name, x in flat.items()}:
            raise BabbleError(
                f"{path}: the weights do not fit the {self.network} that {self.description} describes; {remedy}."
            )
        params: dict[str, Any] = {}
        for name, x in flat.items():
            values = _decode(x, arrays.get(name + SCALE))
            if values is None or not np.isfinite(values).all():
                raise BabbleError(f"{path}: {name} holds what is no finite number; {remedy}.")
            *above, last = name.split("/")
            functools.reduce(lambda node, part: node.setdefault(part, {}), above, params)[last] = values
        return params


def _decode(x: np.ndarray, scale: np.ndarray | None) -> np.ndarray | None:
    """Converts an array of float16, float32 or int8 with a scale to float32; None for another."""
    if x.dtype == np.int8 and scale is not None and scale.shape == x.shape[1:]:
        return x.astype(np.float32) * scale
    return x.astype(np.float32) if x.dtype in (np.float16, np.float32) else None


def flatten_params(params: Mapping[str, Any], prefix: str = "") -> dict[str, np.ndarray]:
    """Lists the arrays of nested parameters by their names, levels joined by "/", as float32.

    Args:
      params: nested arrays.
      prefix: of the names.
    """
    flat: dict[str, np.ndarray] = {}
    for name, x in sorted(params.items()):
        path = f"{prefix}{name}"
        flat |= flatten_params(x, f"{path}/") if isinstance(x, Mapping) else {path: np.asarray(x, np.float32)}
    return flat
