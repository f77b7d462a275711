"""Logs metrics, audio and pictures: JSON lines always, Weights & Biases as an option."""
