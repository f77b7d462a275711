"""Weight normalization (Salimans & Kingma 2016, arXiv 1602.07868, eq. 2): w = g v / |v|, a norm for each output unit.

Modules read a plain `kernel`. Training holds `v` and `g` in its place, and `fold` computes the kernel from them. g
starts at the norm of the initial kernel, as in the SampleRNN authors' code, so that the function at initialization is
the same with and without weight normalization.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from babble_jax.voice.contract import array_namespace


def split(params: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces every `kernel` [in, out] by `v` of its shape and `g` [out]."""
    parts: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, Mapping):
            parts[name] = split(value)
        elif name == "kernel":
            parts["v"], parts["g"] = value, jnp.linalg.norm(value, axis=0)
        else:
            parts[name] = value
    return parts


def fold(params: Mapping[str, Any]) -> dict[str, Any]:
    """Computes each `kernel` from its `v` and `g`, the inverse of `split`; other arrays stay as they are.

    Arrays of numpy are folded by numpy.
    """
    merged = {
        name: fold(value) if isinstance(value, Mapping) else value
        for name, value in params.items()
        if name not in ("v", "g")
    }
    if "v" in params:
        norm = array_namespace(params["v"]).linalg.norm
        merged["kernel"] = params["v"] * (params["g"] / norm(params["v"], axis=0))[None]
    return merged


def fold_in_dtype(params: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    """Folds as `fold` does, and casts the kernels to the dtype of the products."""
    kind = jnp.dtype(dtype)
    return jax.tree_util.tree_map_with_path(
        lambda path, x: x.astype(kind) if path[-1].key == "kernel" else x, fold(params)
    )
