"""A cue by an ear: how long the last phones before a silence are, beside those that the same person spoke before.

The last phones of a phrase are longer than others (final lengthening, Turk and Shattuck-Hufnagel 2007); whether more so
where a turn ends than where it goes on is for a calibration to say, and none is known yet. The phones need not be
right, nor the language the ear's own: durations count, which an ear hears in any speech.

Axes: T samples at 16 kHz, S steps, N phones.
"""

import math
from typing import NamedTuple

import numpy as np

from babble_jax.agent.cues.cue import RATE, Calibration
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ear.ear import Ear
from babble_jax.ear.inference import LogProbs
from babble_jax.ear.segments import PhoneSegments
from babble_jax.ear.stream import EarStream
from babble_jax.errors import BabbleError

QUESTION_SECONDS = 0.2
"""Length of the silence at which the ear is asked, or its latency, where that is longer."""
MEMORY_SECONDS = 10.0
"""Seconds of the past whose phones are compared."""
LAST = 2
"""Phones before the silence that are lengthened: a vowel and what follows it, say."""
LEAST_PHONES = 8
"""Phones without which there is no score: the last ones, and some to compare them with."""


class EarCueState(NamedTuple):
    """All that changes in the cue: a value, of which no part is changed.

    Attributes:
      stream: what the ear makes of the sound.
      past: log-probabilities of the last steps, a part for each push that completed some.
      score: of this silence; NaN where there are too few phones, None before it is asked for.
    """

    stream: EarStream
    past: tuple[LogProbs, ...] = ()
    score: float | None = None


class EarCue:
    """Hears the phones of the user, and answers once in each silence by the lengthening of the last ones.

    Args:
      ear: of direction "forward", of sound at 16 kHz.
      calibration: makes the lengthening a likelihood ratio (`fit_calibration`, of `lengthening`).

    Attributes:
      state: all that changes.
      least: seconds of silence from which on it answers.

    Raises:
      BabbleError: the ear is of both directions or of another sample rate.
    """

    name = "ear"

    def __init__(self, ear: Ear, calibration: Calibration):
        config = ear.config
        if config.direction != "forward" or config.sample_rate != RATE:
            raise BabbleError(
                "This ear does not hear while the sound comes at 16 kHz; for a cue take one of direction forward."
            )
        self._ear, self._calibration = ear, calibration
        self.least = max(QUESTION_SECONDS, config.latency)
        self._steps = round(MEMORY_SECONDS / config.seconds_per_step)
        self.state = EarCueState(EarStream(ear))

    def push(self, user: np.ndarray) -> None:
        """Takes the next sound of the user: [T] float at 16 kHz."""
        user = np.nan_to_num(np.asarray(user, np.float32), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
        stream = self.state.stream.branch()
        log_probs = stream.push(user)
        past = (*self.state.past, log_probs) if len(log_probs.ctc) else self.state.past
        while past and sum(len(one.ctc) for one in past[1:]) >= self._steps:
            past = past[1:]
        self.state = EarCueState(stream, past, self.state.score)

    def log_odds(self, silence: float) -> float | None:
        """Returns the log of the likelihood ratio; None outside of a silence, and after too few phones.

        Args:
          silence: seconds since the user fell silent.
        """
        if not math.isfinite(silence) or silence < self.least - 1e-9:
            self.state = self.state._replace(score=None)
            return None
        if self.state.score is None:
            score = lengthening(self.phones(), self._ear.config.silence)
            self.state = self.state._replace(score=math.nan if score is None else score)
        score = self.state.score
        if score is None or math.isnan(score):
            return None
        return self._calibration.log_odds(score, silence)

    def phones(self) -> PhoneSegments:
        """Aligns the phones of the last ten seconds of sound, as far as they are decided; seconds since their start."""
        past, config = self.state.past, self._ear.config
        if not past:
            return PhoneSegments((), *np.zeros((3, 0)))
        ctc = np.concatenate([one.ctc for one in past])[-self._steps :]
        frames = [one.frames for one in past if one.frames is not None]
        log_probs = LogProbs(ctc, np.concatenate(frames)[-self._steps :] if config.frame_head else None)
        return self._ear.segments_of(log_probs, decode_greedy(ctc)[0])


def lengthening(phones: PhoneSegments, silence: str) -> float | None:
    """Computes how much longer the last phones are than those before: the difference of the mean log durations.

    Args:
      phones: of N segments, in order.
      silence: symbol that is no phone.

    Returns:
      Nats: 0.7 for twice as long; None with fewer than `LEAST_PHONES`.
    """
    durations = phones.without((silence,)).duration
    if len(durations) < LEAST_PHONES:
        return None
    logs = np.log(np.maximum(durations, 1e-3))
    return float(logs[-LAST:].mean() - logs[:-LAST].mean())
