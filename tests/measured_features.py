"""Raw features of recordings in memory."""

from babble_jax.audio.level import rms_db
from babble_jax.audio.pitch import f0_contour
from babble_jax.audio.units import cepstra


class MeasuredFeatures:
    """Measures each recording, [T] float32 at `rate` Hz, as a whole."""

    def __init__(self, audio, rate):
        self.arrays = [
            {"f0": f0_contour(x, rate), "rms_db": rms_db(x, rate), "cepstra": cepstra(x, rate)} for x in audio
        ]

    def read(self, name, i, first, stop):
        return self.arrays[i][name][first:stop]
