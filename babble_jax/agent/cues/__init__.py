"""Audio cues: what the sound of a speaker says about whether their turn is over."""
