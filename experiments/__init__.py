"""Experiments: values only, one small module each; `python -m experiments.launch NAME` runs one."""
