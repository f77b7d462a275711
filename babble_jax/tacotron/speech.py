"""What a model has spoken: its spectrograms, its attention, and its sound by Griffin and Lim.

Axes: S steps, N phones, F frames, M mel bands, K bins of a linear spectrogram.
"""

import dataclasses

import numpy as np

from babble_jax.audio import mel_spectrogram
from babble_jax.tacotron.config import SynthesisConfig, TacotronConfig
from babble_jax.tacotron.synthesizer import Generation

_SHARPENING = 1.2  # power of magnitudes before Griffin and Lim (arXiv 1703.10135, section 3.4)


@dataclasses.dataclass(frozen=True, eq=False)
class Speech:
    """An utterance that a model has spoken.

    Attributes:
      config: of the model.
      mel: [F, M] log mel, natural logarithm of magnitudes; after the post-net of Tacotron 2.
      magnitude: [F, K] magnitudes; those of Tacotron's post-net, or estimated from the mel of Tacotron 2.
      attention: [S, N] weights.
      ended: whether the model has said itself that the end is reached; else it was cut off.
    """

    config: SynthesisConfig
    mel: np.ndarray
    magnitude: np.ndarray
    attention: np.ndarray
    ended: bool

    def phone_ends(self) -> np.ndarray:
        """Estimates the times at which the phones end from where the attention is most, [N] seconds, not falling."""
        count = self.attention.shape[1]
        reached = np.maximum.accumulate(self.attention.argmax(axis=1))
        steps = np.searchsorted(reached, np.arange(count), side="right")
        return steps * self.config.model.decoder.reduction * self.config.mel.hop_seconds

    def audio(self, iterations: int = 50) -> np.ndarray:
        """Estimates the sound by Griffin and Lim, [T] float32 amplitudes.

        Args:
          iterations: number of them.
        """
        if len(self.magnitude) < 2:
            return np.zeros(0, np.float32)
        return mel_spectrogram.griffin_lim(self.magnitude, self.config.mel, iterations)


def collect_speech(config: SynthesisConfig, generation: Generation, phones: np.ndarray) -> list[Speech]:
    """Takes each utterance from what a model has generated, without padding.

    Args:
      config: of the model.
      generation: of B utterances, arrays of numpy.
      phones: [B] phones of each.
    """
    result = []
    for row, count in enumerate(phones):
        length = int(generation.lengths[row])
        steps = length // config.model.decoder.reduction
        frames, refined = (np.asarray(x)[row, :length] for x in (generation.frames, generation.refined))
        mel = mel_spectrogram.denormalize(refined, config.mel)
        if isinstance(config.model, TacotronConfig):
            magnitude = np.exp(mel) ** _SHARPENING
            mel = mel_spectrogram.denormalize(frames, config.mel)
        else:
            magnitude = mel_spectrogram.mel_magnitude(mel, config.mel)
        attention = np.asarray(generation.attention)[row, :steps, : int(count)]
        result.append(Speech(config, mel, magnitude, attention, bool(generation.ended[row])))
    return result
