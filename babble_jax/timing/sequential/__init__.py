"""Prediction of the next offset of a running conversation: from its dyad, its speakers and its context."""
