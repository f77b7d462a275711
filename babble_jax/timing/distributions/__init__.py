"""Families of distributions of floor-transfer offsets (FTOs), and their fits."""
