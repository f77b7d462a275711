"""Dialogues of two babblers on disk: planned by the timing, rendered by the voices, annotated, and drawn as figures."""
