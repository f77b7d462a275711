"""Features that a voice is conditioned on, frame by frame: activity, acoustic units, fundamental frequency, level."""
