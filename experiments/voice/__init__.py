"""Voices trained from scratch, and judged."""
