"""Shrinks the timing of a small corpus towards that of a preset (partial pooling)."""
