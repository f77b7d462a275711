"""Experiments that write into the package: the presets, references and voice that ship."""
