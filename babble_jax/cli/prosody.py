"""Options of verbs that speak: how a voice is to speak."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from babble_jax.voice.conditioning.prosody import Prosody


@dataclasses.dataclass(frozen=True)
class ProsodyOptions:
    """How a voice speaks; what is not given stays as the voice draws it.

    Attributes:
      affect: Named affect, the values of which the options below replace one by one.
      pitch: Semitones added to the pitch, -12 to 12.
      pitch_range: Factor on how far the pitch departs from its median, 0 to 3; 0 is monotone.
      rate: Factor on how fast it speaks, 0.5 to 2; pauses stay as long as they are.
      level: Decibels added to the level, -30 to 6; a gain.
      effort: Vocal effort, as the tilt of the spectrum in dB per octave, -6 (soft) to 6 (loud); a filter that
        keeps the level of speech.
      final: How the pitch of each utterance ends; live, of voices that speak phones alone.
      entropy: Factor on the temperature of the unit language model, or of the phonotactics, 0 (units, or words, come
        back in the same order) to 4 (rare orders are as frequent as others).
    """

    affect: Literal["calm", "happy", "sad", "angry", "afraid", "surprised"] | None = None
    pitch: float | None = None
    pitch_range: float | None = None
    rate: float | None = None
    level: float | None = None
    effort: float | None = None
    final: Literal["rise", "fall", "hold"] | None = None
    entropy: float | None = None

    def read(self, contour: Path | None = None) -> "Prosody":
        """Makes the prosody that the options describe.

        Args:
          contour: file of a contour; None for none.

        Raises:
          BabbleError: a value is out of its range, or the contour cannot be read.
        """
        from babble_jax.voice.conditioning.affects import build_prosody
        from babble_jax.voice.conditioning.contour import read_contour

        melody = None if contour is None else read_contour(contour)
        return build_prosody({**vars(self), "contour": melody})

    def describe(self, prosody: "Prosody") -> str:
        """Says what was understood, as "affect happy: pitch +3 semitones, rate x 1.1"."""
        return f"{'' if self.affect is None else f'affect {self.affect}: '}{prosody}"


def describe_contour(prosody: "Prosody") -> list[str]:
    """Says what was read of a contour, and how much of it a voice cannot follow; nothing without a contour."""
    from babble_jax.voice.conditioning.prosody import FURTHEST_PITCH

    if prosody.contour is None:
        return []
    lines = [f"contour of {prosody.contour.summary}"]
    if seconds := prosody.limited_seconds:
        lines.append(
            f"warning: {prosody.contour.name}: {seconds:.2f} s of it lie more than {FURTHEST_PITCH:g} octaves from its "
            "median, with the pitch and the range that are asked for; the voice stays within them"
        )
    return lines
