"""Speaks strings of phones: Tacotron and Tacotron 2, from phones and prosody to spectrograms."""
