"""Trains tasks: a trainer that knows no model (state, step, devices, checkpoints, hooks), and the task of each kind."""
