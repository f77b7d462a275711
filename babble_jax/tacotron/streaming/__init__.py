"""Tacotron 2 in NumPy, step by step: it compiles nothing, and all that changes is a value."""
