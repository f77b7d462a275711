"""Samplers: the ancestral reference, the tiered scan of SampleRNN, and the native sampler for CPUs."""
