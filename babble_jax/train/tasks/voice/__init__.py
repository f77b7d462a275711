"""Training of a voice on raw samples: what its batches hold, its loss, its noise."""
