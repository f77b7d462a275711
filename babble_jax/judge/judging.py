"""Whether a sound is babble: its measures beside those of real speech.

Axes: T samples.
"""

import dataclasses
import os

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.ear.ear import Ear
from babble_jax.judge.judgement import MEASURES, Judgement, judge, median_of
from babble_jax.judge.loops import loop_correlation
from babble_jax.judge.phones import PhoneMeasures, PhoneText
from babble_jax.judge.reference import Reference, lay_pieces, load_reference


@dataclasses.dataclass(frozen=True, eq=False)
class Verdict:
    """The measures of a sound and the speech that it is compared with.

    Attributes:
      measures: of the sound, as `judge_pieces` gives them.
      reference: their ranges in real speech of one speaker.
      phones: measures of the phones that an ear hears in it; None without an ear.
    """

    measures: Judgement
    reference: Reference
    phones: PhoneMeasures | None = None

    @property
    def outside(self) -> tuple[str, ...]:
        """Names of the measures that lie outside of the range of real speech, as one without a value does not."""
        return tuple(n for n in MEASURES if self.reference.excludes(n, getattr(self.measures, n)))


@check_arguments
def judge_audio(
    audio: np.ndarray,
    rate: int,
    reference: str | Reference = "festvox-ru",
    ear: Ear | str | os.PathLike | None = None,
) -> Verdict:
    """Measures how much like speech a sound is.

    The ranges of real speech are those of pieces of 10 s: a sound of more than 12 s is measured in such pieces, a
    shorter one than 8 s compares badly.

    Args:
      audio: [T] float amplitudes in [-1, 1].
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
    measures = judge_pieces(audio, rate, np.array(speech.spectrum, float))
    return Verdict(measures, speech, None if ear is None else _judge_phones(audio, rate, ear))


def judge_pieces(audio: np.ndarray, rate: int, spectrum: np.ndarray | None = None) -> Judgement:
    """Measures how much a sound of any length is like speech.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      spectrum: as of `judge`.

    Returns:
      The measures; of a sound of more than 12 s the median of each over pieces of 10 s that have a value, but for the
      loop correlation, which is of the whole: a loop may be longer than a piece.
    """
    pieces = np.rint(rate * lay_pieces(len(audio) / rate)).astype(int)
    rows = [judge(audio[start:end], rate, spectrum) for start, end in pieces]
    if len(rows) == 1:
        return rows[0]
    medians = {name: median_of(getattr(row, name) for row in rows) for name in MEASURES}
    return dataclasses.replace(rows[0], **medians | {"loop_correlation": loop_correlation(audio, rate)})


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
