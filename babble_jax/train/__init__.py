"""Fits a voice to recordings: state, step, devices, checkpoints, evaluation, and the loop that joins them."""
