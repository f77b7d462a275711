"""Babbling agents with human timing.

Two models that never import each other, and an agent that joins them:

- `babble_jax.voice`: raw-audio models that know what speech sounds like (SampleRNN).
- `babble_jax.timing`: distributions of when the next person starts to speak, fitted on conversations.
- `babble_jax.agent`: a voice and a timing model make a dialogue.

Around them: `audio` (waveforms), `conversation` (annotation of real dialogues), `dataset` (recordings into
batches), `train`, `track` (where figures go), `presets` (what ships).
"""

__version__ = "0.1.0"
