"""Benchmarks: speed beside peers, which stand here and never in the package."""
