"""Layers of Tacotron and Tacotron 2."""
