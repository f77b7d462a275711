"""Voices of an agent: a pretrained voice, sound files, clicks."""
