"""Hears the user: speech, levels, and the agent's own voice in the microphone."""
