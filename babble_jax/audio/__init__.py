"""Waveforms: reading and writing, quantizers, features, and measures of speech-likeness."""
