"""Evaluates an agent's turn-taking: frame by frame beside recorded calls, and in dialogue with a simulated partner."""
