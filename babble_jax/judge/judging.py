"""Whether a sound is babble: its measures beside those of real speech.

Axes: T samples.
"""

import dataclasses
import os

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.ear.ear import Ear
from babble_jax.judge.judgement import MEASURES, Judgement, judge
from babble_jax.judge.phones import PhoneMeasures, PhoneText
from babble_jax.judge.reference import Reference, load_reference


@dataclasses.dataclass(frozen=True, eq=False)
class Verdict:
    """The measures of a sound and the speech that it is compared with.

    Attributes:
      measures: of the sound.
      reference: their ranges in real speech of one speaker.
      phones: measures of the phones that an ear hears in it; None without an ear.
    """

    measures: Judgement
    reference: Reference
    phones: PhoneMeasures | None = None

    @property
    def outside(self) -> tuple[str, ...]:
        """Names of the measures that lie outside of the range of real speech."""
        return tuple(n for n in MEASURES if not self.reference.within(n, getattr(self.measures, n)))


@check_arguments
def judge_audio(
    audio: np.ndarray,
    rate: int,
    reference: str | Reference = "festvox-ru",
    ear: Ear | str | os.PathLike | None = None,
) -> Verdict:
    """Measures how much like speech a sound is.

    Args:
      audio: [T] float amplitudes in [-1, 1], best of about 10 s, since the ranges are those of such pieces.
      rate: samples per second.
      reference: speech to compare with: a name that ships, a folder of sound files of one speaker, or what
        `load_reference` gave.
      ear: that measures the phones: a name that ships, a folder of one, or what `load_ear` gave, which has no training
        text to look for words in; None for no such measures.

    Returns:
      The measures, their ranges in real speech, and which of them lie outside.

    Raises:
      BabbleError: no such reference, or no such ear.

    Examples:
      >>> noise = np.random.default_rng(0).normal(0, 0.05, 32_000)
      >>> verdict = judge_audio(noise, 16_000)
      >>> verdict.measures.speech_share
      0.0
      >>> "speech_share" in verdict.outside
      True
    """
    speech = reference if isinstance(reference, Reference) else load_reference(reference)
    measures = judge(audio, rate, np.array(speech.spectrum, float))
    return Verdict(measures, speech, None if ear is None else _judge_phones(audio, rate, ear))


def _judge_phones(audio: np.ndarray, rate: int, ear: Ear | str | os.PathLike) -> PhoneMeasures:
    from babble_jax.judge.phone_reference import (
        judge_phones,
        silences_of,
    )  # with JAX, which the others do without
    from babble_jax.pretrained.ear import load_ear
    from babble_jax.pretrained.ear_text import load_text

    if isinstance(ear, Ear):
        return judge_phones(audio, rate, ear)
    opened = load_ear(ear)
    strings = load_text(ear, opened.config)
    text = None if strings is None else PhoneText(strings, silences_of(opened.config))
    return judge_phones(audio, rate, opened, text)
