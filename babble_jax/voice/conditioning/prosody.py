"""What a speaker does with the voice whatever the words: pitch, rate, level, effort, final contour, and how varied.

The values of a `Prosody` act on what a voice is conditioned on, before it is: the frames of 10 ms (unit, pitch, level)
of a voice with units, the phones (duration, pitch, level) of one that speaks phones. The voice then makes the sound,
and no sound is resampled. Two act on the output instead, of any voice: `effort` is a filter (`audio.tilt`), since no
voice is conditioned on spectral tilt yet, and `level` is a gain. A neutral `Prosody` changes nothing, to the bit.

A voice does not follow all of what it is conditioned on: where the response of a speaker is known
(`prosody_response`), it is conditioned on as much more as makes up for that.

Axes: F frames of 10 ms, N sounds: such frames, or phones.
"""

import dataclasses
import math
import numbers
from typing import get_args

import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP, UnitFrame, UnitSequence
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.contour import Contour, within
from babble_jax.voice.conditioning.prosody_final import Final, end_contour
from babble_jax.voice.conditioning.prosody_response import LINEAR, ProsodyResponse
from babble_jax.voice.voice import Voice

RANGES: dict[str, tuple[float, float, str]] = {
    "pitch": (-12.0, 12.0, "semitones"),
    "pitch_range": (0.0, 3.0, ""),
    "rate": (0.5, 2.0, ""),
    "level": (-30.0, 6.0, "dB"),
    "effort": (-6.0, 6.0, "dB per octave"),
    "entropy": (0.0, 4.0, ""),
}
"""Lowest and highest value of each number, and its unit; none for a factor."""
_SEMITONES = 12  # of an octave
FURTHEST_PITCH = 2.0
"""Octaves from the speaker's median beyond which no pitch goes."""


@dataclasses.dataclass(frozen=True)
class Prosody:
    """How a voice is to speak, beside what it draws by itself; the defaults change nothing.

    Attributes:
      pitch: semitones added to the pitch, -12 to 12.
      pitch_range: factor on how far the pitch departs from the speaker's median (from that of the contour, where
        there is one), 0 to 3; 0 is monotone.
      rate: factor on how fast it speaks, in units or phones per second, 0.5 to 2. Pauses stay as long as they are, and
        so do phrases of units; phones are shorter or longer, and more or fewer of them are spoken in the same time.
      level: dB added to the level, -30 to 6; what exceeds full scale is clipped.
      effort: spectral tilt of the output in dB per octave, -6 (soft) to 6 (loud, shouted); speech of the usual spectrum
        keeps its level.
      final: how the pitch of each utterance ends: "rise" or "fall" by 6 semitones, or "hold" its pitch, over its last
        0.3 s of audible voiced frames, or the voiced phones that reach into them. None as the voice draws it.
      contour: pitch and level of a stream, in place of those that the voice draws; pitch within 2 octaves of the
        speaker's median.
      entropy: factor on the temperature of the unit language model or, of words of phones, of the phonotactic n-gram, 0
        to 4: 0 takes the most frequent continuation, so that units come back in the same order, and so does the word
        of each number of syllables and place of the stress; above 1, rare continuations become as frequent as others.

    Raises:
      BabbleError: a value is out of its range.

    Examples:
      >>> print(Prosody(pitch=3, rate=1.2, final="rise"))
      pitch +3 semitones, rate x 1.2, final rise
    """

    pitch: float = 0.0
    pitch_range: float = 1.0
    rate: float = 1.0
    level: float = 0.0
    effort: float = 0.0
    final: Final | None = None
    contour: Contour | None = None
    entropy: float = 1.0

    def __post_init__(self):
        for name, (lowest, highest, unit) in RANGES.items():
            value = getattr(self, name)
            number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if not number or not lowest <= float(value) <= highest:
                what = f"a number of {unit}" if unit else "a factor"
                raise BabbleError(
                    f"{name} is {value!r}; give {what} from {lowest:g} to {highest:g}, {getattr(Prosody, name):g} to "
                    "change nothing."
                )
        if self.final not in (None, *get_args(Final)):
            raise BabbleError(f"final is {self.final!r}; give {', '.join(get_args(Final))}, or None.")
        if not isinstance(self.contour, Contour | None):
            raise BabbleError(f"contour is {self.contour!r}; give what read_contour returns, or None.")

    def __str__(self) -> str:
        """Names the values that change something, as "pitch +3 semitones, rate x 1.1"; else "neutral"."""
        parts = []
        for name, (_, _, unit) in RANGES.items():
            value = getattr(self, name)
            if value != getattr(Prosody, name):
                words = name.replace("_", " ")
                parts.append(f"{words} {value:+g} {unit}" if unit else f"{words} x {value:g}")
        if self.final is not None:
            parts.append(f"final {self.final}")
        if self.contour is not None:
            parts.append(f"contour of {self.contour}")
        return ", ".join(parts) or "neutral"

    @property
    def conditions(self) -> tuple[str, ...]:
        """Names of the values that act on the conditioning of a voice: all that differ but two."""
        return tuple(
            field.name
            for field in dataclasses.fields(self)
            if field.name not in ("effort", "level") and getattr(self, field.name) != field.default
        )

    @property
    def limited_seconds(self) -> float:
        """Seconds of the contour whose pitch lies further from the median than a voice goes, and is limited to that."""
        if self.contour is None:
            return 0.0
        speech = within(self.contour.active, (np.arange(len(self.contour.pitch)) + 0.5) * HOP)
        pitch = self.contour.pitch * self.pitch_range + self.pitch / _SEMITONES
        return np.count_nonzero(speech & (np.abs(pitch) > FURTHEST_PITCH)) * HOP

    def shift(self, frame: UnitFrame, response: ProsodyResponse = LINEAR) -> UnitFrame:
        """Changes the pitch of a frame of speech, of which nobody knows how near the end it is.

        Args:
          frame: as the unit language model has it.
          response: of the speaker.
        """
        if not self.conditions or not math.isfinite(frame.pitch):
            return frame
        pitch = frame.pitch * response.conditioned_range(self.pitch_range) + self._octaves(response)
        return frame._replace(pitch=min(max(pitch, -FURTHEST_PITCH), FURTHEST_PITCH))

    def _octaves(self, response: ProsodyResponse) -> float:
        """Returns the octaves by which the pitch that a speaker is conditioned on is higher."""
        return response.conditioned_pitch(self.pitch) / _SEMITONES

    def shape(self, phrase: UnitSequence, start: float, response: ProsodyResponse = LINEAR) -> UnitSequence:
        """Changes the pitch of a complete phrase and, with a contour, its level.

        Args:
          phrase: F frames as the unit language model draws them.
          start: seconds from the start of the stream to its first frame, by which it is placed on the contour.
          response: of the speaker.

        Returns:
          F frames.
        """
        if not self.conditions:
            return phrase
        seconds = np.full(len(phrase.pitch), HOP)
        times = start + (np.arange(len(phrase.pitch)) + 0.5) * HOP
        levels = (LOWEST_RMS_DB, 0.0)
        pitch, level = self.shape_contours(phrase.pitch, phrase.rms_db, times, seconds, levels, response)
        return UnitSequence(phrase.units, pitch, level)

    def shape_contours(
        self,
        pitch: np.ndarray,
        level: np.ndarray,
        times: np.ndarray,
        seconds: np.ndarray,
        levels: tuple[float, float],
        response: ProsodyResponse = LINEAR,
        ends: bool = True,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Changes the pitch of the sounds of a complete phrase and, with a contour, their level.

        Args:
          pitch: [N] octaves from the speaker's median, NaN where a sound is unvoiced.
          level: [N] dB.
          times: [N] seconds from the start of the stream to their middles, by which they are placed on the contour.
          seconds: [N] their durations.
          levels: that of silence, which stays, and the highest one, dB.
          response: of the speaker.
          ends: whether the utterance ends with the phrase.

        Returns:
          [N] octaves, [N] dB.
        """
        if self.contour is not None:
            melody, loudness = self.contour.at(times)
            pitch = np.where(np.isfinite(pitch), melody, np.nan)
            level = np.where(level > levels[0], np.clip(level + loudness, *levels), level)
        pitch = pitch * response.conditioned_range(self.pitch_range) + self._octaves(response)
        if self.final is not None and ends:
            pitch = end_contour(pitch, self.final, seconds, level, response)
        return np.clip(pitch, -FURTHEST_PITCH, FURTHEST_PITCH), level


NEUTRAL = Prosody()
"""Changes nothing."""


def check_prosody(voice: Voice, prosody: Prosody) -> None:
    """Raises `BabbleError` where a voice is conditioned on nothing that a prosody changes."""
    if voice.unit_models is None and prosody.conditions:
        names = ", ".join(name.replace("_", " ") for name in prosody.conditions)
        kind = (
            "a vocoder, which says what its mel spectrogram contains"
            if voice.config.mel
            else "no voice of units"
        )
        raise BabbleError(
            f"The voice {voice.name} is {kind}, so that nothing conditions it on {names}; leave that out, or take a "
            "voice with units, such as babblers."
        )


def check_live(prosody: Prosody) -> None:
    """Raises `BabbleError` for what needs the length of an utterance, which nobody knows while it is spoken live."""
    names = [name for name in ("final", "contour") if getattr(prosody, name) is not None]
    if names:
        raise BabbleError(
            f"Live, nobody knows when an utterance ends, so that it has no {' and no '.join(names)}; leave that out "
            f"({', '.join(f'{name}=None' for name in names)} in Python), let `speak` do it, or take a voice that "
            "speaks phones, such as russian, which plans its phrases."
        )


def check_streams(prosody: Prosody) -> None:
    """Raises `BabbleError` for a contour, which is of one stream, where many are made."""
    if prosody.contour is not None:
        raise BabbleError(
            f"The contour of {prosody.contour} is of one stream, and a babbler makes many; let `speak` follow it."
        )
