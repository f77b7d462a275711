"""Tacotron and Tacotron 2."""
