"""Knows when: the events of dialogue, and models of when the next person starts to speak."""
