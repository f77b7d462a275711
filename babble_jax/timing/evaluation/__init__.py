"""Evaluates models of timing: held-out scores, baselines, comparisons. No model imports it."""
