"""Strings of symbols from the log-probabilities of connectionist temporal classification."""
