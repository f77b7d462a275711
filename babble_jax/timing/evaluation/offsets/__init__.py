"""Evaluates distributions of floor-transfer offsets on held-out conversations."""
