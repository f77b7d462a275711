"""Sound that the project makes by itself, with the timing of speech: 8-bit sounds, sung vowels, sampled notes."""
