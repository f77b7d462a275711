"""SampleRNN in the native sampler: its weights packed, its loop over samples, its blocks from state to state."""
