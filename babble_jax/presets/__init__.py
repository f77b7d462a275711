"""What ships: timing presets, voices, reference speech. Data only, and `registry`, which says where it lies."""
