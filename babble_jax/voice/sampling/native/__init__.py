"""A sampler for CPUs, compiled by numba: `dispatch.pack_voice` once, then `dispatch.sample_native` block by block."""
