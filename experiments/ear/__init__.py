"""Experiments with ears."""
