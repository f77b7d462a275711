"""Trains a voice on recordings: state, step, devices, checkpoints, evaluation, and the loop that joins them."""
