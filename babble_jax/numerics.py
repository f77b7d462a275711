"""The settings of JAX under which the package computes, whatever the program around it has set.

JAX has settings that hold for a whole process (`JAX_ENABLE_X64`, `jax_default_matmul_precision`,
`jax_threefry_partitionable`, `jax_default_prng_impl`, `jax_numpy_dtype_promotion`), and each of them changes what the
same code draws from the same key, or the types of what it computes. A program may need them otherwise than this
package does, so none of them is changed for good: they are set while a function of the package runs.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jax


@contextlib.contextmanager
def fixed_numerics(x64: bool = False, any_precision: bool = False) -> Iterator[None]:
    """Sets JAX's settings to the package's own, in this thread, as a context or as the decorator of a function.

    It is no decorator for generators: between two of their values the settings would be those of the caller, too.

    Args:
      x64: compute in float64, as fits do; else in float32, and draw 32 bits at a time.
      any_precision: leave the precision of matrix products as it is, as training does, which faster products suit; else
        products of float32 have the precision of float32, which is not what a GPU or a TPU does by itself.
    """
    import jax  # here: a module that calls this only at times loads without it

    with (
        jax.enable_x64(x64),
        contextlib.nullcontext() if any_precision else jax.default_matmul_precision("highest"),
        jax.numpy_dtype_promotion("standard"),
        jax.threefry_partitionable(True),
        jax.default_prng_impl("threefry2x32"),
    ):
        yield


def typed_key(key: "jax.Array") -> "jax.Array":
    """Wraps a raw PRNG key (`jax.random.PRNGKey`) in its type; outside of `fixed_numerics`, by the caller's default.

    Args:
      key: raw or typed.
    """
    import jax

    return key if jax.numpy.issubdtype(key.dtype, jax.dtypes.prng_key) else jax.random.wrap_key_data(key)
