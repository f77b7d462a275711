"""Manipulates timing: pure functions from a dialogue of IPUs to another one, exact to the nanosecond."""
