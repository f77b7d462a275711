"""Predicts the next floor-transfer offset (FTO) of a running conversation from its past."""
