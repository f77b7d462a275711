"""Whether a sound is babble: its measures beside those of real speech.

Axes: T samples.
"""

import dataclasses

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.judge.judgement import MEASURES, Judgement, judge
from babble_jax.judge.reference import Reference, load_reference


@dataclasses.dataclass(frozen=True, eq=False)
class Verdict:
    """The measures of a sound and the speech that it is compared with.

    Attributes:
      measures: of the sound.
      reference: their ranges in real speech of one speaker.
    """

    measures: Judgement
    reference: Reference

    @property
    def outside(self) -> tuple[str, ...]:
        """Names of the measures that lie outside of the range of real speech."""
        return tuple(n for n in MEASURES if not self.reference.within(n, getattr(self.measures, n)))


@check_arguments
def judge_audio(audio: np.ndarray, rate: int, reference: str | Reference = "festvox-ru") -> Verdict:
    """Measures how much like speech a sound is.

    Args:
      audio: [T] float amplitudes in [-1, 1], best of about 10 s, since the ranges are those of such pieces.
      rate: samples per second.
      reference: speech to compare with: a name that ships, a folder of sound files of one speaker, or what
        `load_reference` gave.

    Returns:
      The measures, their ranges in real speech, and which of them lie outside.

    Raises:
      BabbleError: no such reference.

    Examples:
      >>> noise = np.random.default_rng(0).normal(0, 0.05, 32_000)
      >>> verdict = judge_audio(noise, 16_000)
      >>> verdict.measures.speech_share
      0.0
      >>> "speech_share" in verdict.outside
      True
    """
    speech = reference if isinstance(reference, Reference) else load_reference(reference)
    return Verdict(judge(audio, rate, np.array(speech.spectrum, float)), speech)
