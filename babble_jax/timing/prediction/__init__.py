"""Predicts the next floor-transfer offset of a running conversation from what has passed in it."""
