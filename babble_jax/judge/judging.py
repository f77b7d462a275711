"""Whether a sound is babble: its measures beside those of real speech.

Axes: T samples, P pieces.
"""

import dataclasses
import functools
import os
from collections.abc import Sequence

import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.ear.ear import Ear
from babble_jax.judge.comparison import Comparison, compare
from babble_jax.judge.judgement import MEASURES, Judgement, judge, median_of
from babble_jax.judge.loops import loop_correlation
from babble_jax.judge.phones import PhoneMeasures, PhoneText
from babble_jax.judge.reference import Reference, lay_pieces, load_reference

LOOP = "loop_correlation"


@dataclasses.dataclass(frozen=True, eq=False)
class Verdict:
    """The measures of a sound and the speech that it is compared with.

    Attributes:
      measures: of the sound, as `summarize_pieces` gives them.
      reference: their ranges in real speech of one speaker.
      phones: measures of the phones that an ear hears in it; None without an ear.
      pieces: [P] measures of each piece of 10 s (`judge_pieces`); of a sound of up to 12 s its own.
    """

    measures: Judgement
    reference: Reference
    phones: PhoneMeasures | None = None
    pieces: tuple[Judgement, ...] = ()

    @functools.cached_property
    def comparison(self) -> Comparison:
        """The measures that are not within the ranges, by the pieces; whether the sound is like the speech."""
        return compare(self.reference, self.parts)

    @property
    def parts(self) -> tuple[Judgement, ...]:
        """The measures of each piece, of a sound that is one piece its own."""
        return self.pieces or (self.measures,)

    @property
    def outside(self) -> tuple[str, ...]:
        """Names of the measures that lie outside of the range of real speech, as one without a value does not.

        Of a sound of several pieces they lie outside in more than one in five of them; the loop correlation also where
        that of the sound or of some stretch of it is nearer to that of an exact loop, 1, than to the range.
        """
        starred = self.comparison.starred
        return tuple(name for name in MEASURES if name in starred or (name == LOOP and self._holds_loop))

    @property
    def _holds_loop(self) -> bool:
        if LOOP not in self.reference.speech:
            return False
        return (
            1 - self.measures.loop_correlation
            < self.measures.loop_correlation - self.reference.bounds(LOOP)[1]
        )


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
    pieces = judge_pieces(audio, rate, np.array(speech.spectrum, float))
    phones = None if ear is None else _judge_phones(audio, rate, ear)
    return Verdict(summarize_pieces(pieces, audio, rate), speech, phones, pieces)


def judge_pieces(audio: np.ndarray, rate: int, spectrum: np.ndarray | None = None) -> tuple[Judgement, ...]:
    """Measures how much each piece of a sound of any length is like speech.

    Args:
      audio: [T] float amplitudes.
      rate: Hz.
      spectrum: as of `judge`.

    Returns:
      [P] measures of the pieces of 10 s, as `lay_pieces` lays them; of a sound of up to 12 s those of the whole.
    """
    return tuple(
        judge(audio[start:end], rate, spectrum) for start, end in _cut(lay_pieces(len(audio) / rate), rate)
    )


def summarize_pieces(pieces: Sequence[Judgement], audio: np.ndarray, rate: int) -> Judgement:
    """Computes the measures of a sound from those of its pieces.

    Args:
      pieces: [P] as `judge_pieces` gave them, P > 0.
      audio: [T] float amplitudes of the sound.
      rate: Hz.

    Returns:
      The measures; of several pieces the median of each over those that have a value, but for the loop correlation:
      this is the largest of that of the whole, since a loop may be longer than a piece, and of those of stretches of 10
      s that overlap by half, since it may be shorter than the sound.
    """
    if len(pieces) == 1:
        return pieces[0]
    medians = {name: median_of(getattr(row, name) for row in pieces) for name in MEASURES}
    stretches = _cut(lay_pieces(len(audio) / rate, overlap=0.5), rate)
    loops = [loop_correlation(audio[start:end], rate) for start, end in stretches]
    return dataclasses.replace(pieces[0], **medians | {LOOP: max(*loops, loop_correlation(audio, rate))})


def _cut(pieces: np.ndarray, rate: int) -> np.ndarray:
    """Computes the samples at which pieces [P, 2] in seconds begin and end, [P, 2] int."""
    return np.rint(rate * pieces).astype(int)


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
