"""Sound that the project makes by itself: 8-bit sounds and sung vowels, with the timing of speech."""
