"""Samplers: the ancestral reference, SampleRNN's tiered scan, and the native one for CPUs."""
