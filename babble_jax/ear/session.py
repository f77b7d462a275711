"""An ear that listens: audio blocks in, symbols out as they come.

Axes: T samples, S steps, P symbols.
"""

import collections
import dataclasses
import math

import numpy as np

from babble_jax.audio.resampling import StreamResampler
from babble_jax.ear.decoding.greedy import BLANK, decode_greedy
from babble_jax.ear.ear import Ear
from babble_jax.ear.inference import LogProbs
from babble_jax.ear.segments import PhoneSegments
from babble_jax.ear.stream import EarStream
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class SymbolEvent:
    """A symbol that a listening ear reports.

    Attributes:
      symbol: phone or letter; silence too.
      time: seconds from the first sample to the middle of the step in which the symbol became the most probable one.
      confidence: probability of the symbol there, in [0, 1].
    """

    symbol: str
    time: float
    confidence: float


class EarSession:
    """Listens with a forward ear: each block of audio gives the symbols that it decides (greedy decoding).

    A symbol comes `ear.config.latency` seconds of audio after its step. The network computes what it computes of the
    whole recording, so that all symbols together are those of greedy decoding offline, of the sound at the same level
    and spectrum.

    `hear` brings a recording to the level and the spectrum of the ear's training by all of it. A session does not know
    what will come: it goes by the level of the last ten seconds (`ear.leveling.RunningGain`), or one that it is given,
    and by the spectrum of what has come (`ear.running_match.RunningMatch`).

    Args:
      ear: of direction "forward".
      rate: Hz, of the audio.
      memory: seconds of the past that `segments` sees, at least 1.
      level: active level of the sound in dB of full scale (`audio.level.active_level_db`), where it is known; it is
        measured as the sound comes if None.
      match_spectrum: whether a spectrum that lies off that of the training, through another microphone for example, is
        brought to it, after two seconds of speech.

    Raises:
      BabbleError: the ear is of both directions, the memory is shorter than a second, or the level is not finite.

    Examples:
      >>> session = EarSession(load_ear("ru-forward"), 16_000)
      >>> for block in np.zeros((50, 320), np.float32):
      ...     events = session.push(block)
      >>> events = session.finish()
      >>> float(session.seconds)
      1.0
    """

    def __init__(
        self,
        ear: Ear,
        rate: int,
        memory: float = 60.0,
        level: float | None = None,
        match_spectrum: bool = True,
    ):
        if ear.config.direction != "forward":
            raise BabbleError(
                "this ear hears recordings as a whole only; to listen, take one of direction forward (ru-forward, say)."
            )
        if not memory >= 1:
            raise BabbleError(f"memory is {memory} s; give at least 1.")
        if level is not None and not math.isfinite(level):
            raise BabbleError(f"level is {level} dB; give a finite one, or none.")
        self._ear, self._rate, self._samples = ear, rate, 0
        self._resampler = StreamResampler(rate, ear.config.sample_rate, 1)
        self._stream = EarStream(ear, level, match_spectrum)
        self._steps, self._last = 0, BLANK
        self._memory = round(memory / ear.config.seconds_per_step)
        self._past: collections.deque[LogProbs] = (
            collections.deque()
        )  # the memory, and less than a block more
        self._past_steps = 0

    @property
    def seconds(self) -> float:
        """Seconds of audio that have come."""
        return self._samples / self._rate

    @property
    def seconds_decided(self) -> float:
        """Seconds from the start of the audio to the end of the last step that is computed."""
        return float(self._ear.config.step_edges(self._steps)[-1])

    def push(self, block: np.ndarray) -> list[SymbolEvent]:
        """Takes the next audio, [T] float amplitudes of any length; returns the symbols that it decides."""
        if self._resampler.finished:
            raise BabbleError("this session has ended; open another one.")
        block = np.asarray(block, np.float32)
        self._samples += len(block)
        return self._report(self._stream.push(self._resampler.push(block[:, None])[:, 0]))

    def finish(self) -> list[SymbolEvent]:
        """Ends the audio; returns the last symbols."""
        if self._resampler.finished:
            return []
        parts = self._stream.finish(self._resampler.finish()[:, 0])
        return [event for log_probs in parts for event in self._report(log_probs)]

    def recent(self, seconds: float | None = None) -> tuple[float, LogProbs]:
        """Returns the log-probabilities of the last steps that are computed.

        Args:
          seconds: at most this long, and at most the memory; all of the memory if None.

        Returns:
          Seconds from the start of the audio to the first of these steps, and the log-probabilities of S steps.
        """
        config = self._ear.config
        steps = (
            self._memory if seconds is None else min(self._memory, round(seconds / config.seconds_per_step))
        )
        tail, count = [LogProbs(np.zeros((0, len(config.symbols) + 1), np.float32), None)], 0
        for log_probs in reversed(self._past):
            if count >= steps:
                break
            tail.append(log_probs)
            count += len(log_probs.ctc)
        tail.reverse()
        rows = slice(max(0, count - steps), None)
        ctc = np.concatenate([x.ctc for x in tail])[rows]
        frames = [x.frames for x in tail if x.frames is not None]
        first = self._steps - len(ctc)
        log_probs = LogProbs(ctc, np.concatenate(frames)[rows] if frames else None)
        return first * config.seconds_per_step, log_probs

    def segments(self, seconds: float | None = None) -> PhoneSegments:
        """Aligns the symbols of the last steps with these, as `Ear.hear` does of a recording with greedy decoding.

        Args:
          seconds: at most this long, and at most the memory; all of the memory if None.

        Returns:
          The segments, in seconds from the start of the audio. The last one may go on; of one that began before these
          steps only what follows is seen, with the silence or the symbol after it.
        """
        onset, log_probs = self.recent(seconds)
        segments = self._ear.segments_of(log_probs, decode_greedy(log_probs.ctc)[0]).shift(onset)
        duration = self.seconds  # the last step may go on beyond the end
        return dataclasses.replace(
            segments, onset=np.minimum(segments.onset, duration), end=np.minimum(segments.end, duration)
        )

    def _report(self, log_probs: LogProbs) -> list[SymbolEvent]:
        """Remembers steps and returns the symbols that begin in them."""
        config, events = self._ear.config, []
        if not len(log_probs.ctc):
            return events
        self._past.append(log_probs)
        self._past_steps += len(log_probs.ctc)
        while self._past_steps - len(self._past[0].ctc) >= self._memory:
            self._past_steps -= len(self._past.popleft().ctc)
        for row in log_probs.ctc:
            best = int(row.argmax())
            if best not in (BLANK, self._last):
                time = (
                    self._steps + 0.5
                ) * config.seconds_per_step - config.seconds_per_step / config.stride / 2
                events.append(SymbolEvent(config.symbols[best - 1], time, float(np.exp(row[best]))))
            self._last = best
            self._steps += 1
        return events
