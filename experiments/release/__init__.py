"""What writes into the package: the presets and the voice that ship."""
