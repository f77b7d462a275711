"""Weight normalization (Salimans & Kingma 2016, arXiv 1602.07868, eq. 2): w = g v / |v|, a norm for each output unit.

Modules know nothing of it: they read `kernel`. Training keeps `v` and `g` in its place, and `fold` gives the kernel
back. g starts at the norm of the drawn kernel, as in the SampleRNN authors' code, so that the function at
initialization is the same with and without.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp


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
    """The inverse of `split`; what is not split stays as it is."""
    whole = {
        name: fold(value) if isinstance(value, Mapping) else value
        for name, value in params.items()
        if name not in ("v", "g")
    }
    if "v" in params:
        whole["kernel"] = params["v"] * (params["g"] / jnp.linalg.norm(params["v"], axis=0))[None]
    return whole


def folded(params: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    """As `fold`, with the kernels in the dtype of the products."""
    kind = jnp.dtype(dtype)
    return jax.tree_util.tree_map_with_path(
        lambda path, x: x.astype(kind) if path[-1].key == "kernel" else x, fold(params)
    )
