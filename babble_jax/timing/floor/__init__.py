"""Whole dialogues: who speaks from when to when."""
