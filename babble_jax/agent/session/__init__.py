"""Sessions on disk: written while they run, read back, reported beside people, and rescored under other settings."""
