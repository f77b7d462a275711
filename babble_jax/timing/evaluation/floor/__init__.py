"""Evaluates models of the floor beside baselines, on held-out conversations."""
