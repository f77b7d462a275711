"""Measures of how much like speech a sound is, beside real speech and noise."""
