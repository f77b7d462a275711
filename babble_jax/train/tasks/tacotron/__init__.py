"""Training Tacotron and Tacotron 2: phones into spectrograms."""
