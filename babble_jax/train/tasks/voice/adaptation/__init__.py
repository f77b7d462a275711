"""Adapts a voice to a new speaker, of whom there are minutes of recordings."""
