"""What a voice that takes features is told while it babbles: when to speak and, if it knows units, what sound to make.

Axes: B streams, K intervals of activity, N top frames, C features, F frames of 10 ms, T samples of a prompt.
"""

import math
from collections.abc import Callable, Sequence

import jax
import numpy as np

from babble_jax.audio import activity, units
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.units import dedup
from babble_jax.voice.voice import Voice

# (first top frame, number) -> [B, number, C]: asked for each block when it is about to be made
ConditioningFn = Callable[[int, int], np.ndarray]

ENDLESS = np.array([[0.0, np.inf]])
"""Activity without a pause and without end."""
_EDGE = 0.2  # seconds
_LEAD = 0.02  # seconds that a voice takes to break its silence: the shipped ones, told what recordings say


def one_utterance(seconds: float, silence: float = _EDGE) -> np.ndarray:
    """[1, 2] seconds: speech in all of `seconds` but `silence` at each end; in all of them where they are too few."""
    silence = silence if seconds > 3 * silence else 0.0
    return np.array([[silence, seconds - silence]])


def as_recorded(
    voice: Voice, seconds: float, keys: jax.Array, speaker: np.ndarray | None = None
) -> list[np.ndarray]:
    """When each of B streams speaks, [K, 2] seconds each: phrases and pauses as in the recordings of the speaker, where
    the voice knows them; else one utterance.
    """
    if voice.units is None:
        return [one_utterance(seconds)] * len(keys)
    who = np.zeros(len(keys), int) if speaker is None else speaker
    return [
        voice.units.unit_lms[s].pattern(draws, seconds) for s, draws in zip(who, _draws(keys, 0), strict=True)
    ]


def conditioning(
    voice: Voice,
    active: Sequence[np.ndarray],
    keys: jax.Array,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
) -> ConditioningFn | None:
    """The features of B streams, for `stream`; None for a voice that takes none.

    Args:
      voice: the voice.
      active: per stream [K, 2] seconds from the start of the babble, in order and apart; the last may have no end.
      keys: [B] PRNG keys, from which units are drawn. Not consumed: as `stream` takes them.
      speaker: as `stream` takes it.
      prompt: [B, T] as `stream` takes it; its activity is found by its energy, its units by the codebook.
    """
    config, known = voice.config, voice.units
    if not config.local:
        return None
    rate, count = config.sample_rate, len(keys)
    who = np.zeros(count, int) if speaker is None else np.asarray(speaker)
    before = 0.0 if prompt is None else prompt.shape[1] / rate
    intervals = [_earlier(np.reshape(own, (-1, 2))) + before for own in active]
    heads: list[list[units.UnitFrame]] = [[] for _ in range(count)]
    if prompt is not None:
        heard = [np.minimum(activity.by_energy(line, rate), before) for line in prompt]
        intervals = [np.concatenate(parts) for parts in zip(heard, intervals, strict=True)]
        if known is not None:
            heads = [
                dedup(
                    known.codebook.encode_recording(x, rate, int(s)), own, known.unit_lms[s].silence
                ).frames()
                for x, own, s in zip(prompt, heard, who, strict=True)
            ]
    lines = None
    if known is not None:
        lines = [
            _Line(known.unit_lms[s], own, before, head, draws)
            for s, own, head, draws in zip(who, intervals, heads, _draws(keys, 1), strict=True)
        ]

    def rows(first: int, count: int) -> np.ndarray:
        middles = config.middles(first, count)
        return np.stack(
            [
                config.features(own, middles, None if lines is None else lines[b].at(middles))
                for b, own in enumerate(intervals)
            ]
        )

    return rows


def _earlier(active: np.ndarray) -> np.ndarray:
    """[K, 2] seconds with earlier onsets, so that it is heard when it should be; none before what ends there."""
    ends = np.concatenate([[0.0], active[:-1, 1]])
    return np.stack([np.maximum(active[:, 0] - _LEAD, ends[: len(active)]), active[:, 1]], axis=1)


def _draws(keys: jax.Array, purpose: int) -> list[np.random.Generator]:
    """A generator for each key and purpose."""
    data = np.asarray(jax.random.key_data(keys))
    return [np.random.default_rng([purpose, *words.tolist()]) for words in data]


class _Line:
    """The units of one stream, drawn as far as they are asked for.

    Args:
      grammar: of its speaker.
      active: [K, 2] seconds from the start of the prompt.
      before: seconds of the prompt.
      head: what the prompt says.
      draws: consumed.
    """

    def __init__(
        self,
        grammar: UnitLM,
        active: np.ndarray,
        before: float,
        head: list[units.UnitFrame],
        draws: np.random.Generator,
    ):
        self._grammar, self._draws = grammar, draws
        self._line = head
        self._ahead = [(a, b) for a, b in active.tolist() if b > before]
        self._walk = None

    def at(self, times: np.ndarray) -> units.UnitSequence:
        """What is said at each of some times in seconds."""
        index = units.index_at(times)
        while len(self._line) <= index[-1]:
            self._extend(int(index[-1]) + 1)
        return units.UnitSequence.of(self._line[index[0] : index[-1] + 1]).at(index - index[0])

    def _extend(self, needed: int) -> None:
        if self._walk is not None:
            before = self._line[-1:] or self._grammar.silent(1)
            self._line += self._grammar.run(next(self._walk), before[0])
            return
        onset, offset = self._ahead[0] if self._ahead else (math.inf, math.inf)
        silent = min(needed, round(onset / units.HOP) if onset < math.inf else needed) - len(self._line)
        if silent > 0:
            self._line += self._grammar.silent(silent)
        if len(self._line) >= needed:
            return
        self._ahead.pop(0)
        if offset == math.inf:
            self._walk = self._grammar.walk(self._draws, endless=True)
        elif (frames := round(offset / units.HOP) - len(self._line)) > 0:
            self._line += self._grammar.phrase(self._draws, frames).frames()
