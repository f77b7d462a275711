"""Experiments as values: read, run, sweep and compare them; a run is a folder named by its values."""
