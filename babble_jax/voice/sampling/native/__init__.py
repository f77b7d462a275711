"""A sampler for CPUs, compiled by numba: `pack` a voice once, then `sample` block by block."""
