"""Reads folders of recordings with labels or transcripts, for models that learn what is spoken."""
