"""A planned dialogue made into sound: one channel per speaker, every IPU at its sample.

Axes: C channels (speakers), T samples, N IPUs in the order of (onset, speaker).
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.utterance import Speaker, surplus, utterances
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.babbler import stream_keys

LEAST_SILENCE = 0.18
"""Seconds between two IPUs of one speaker: what is closer together is one IPU (definition 1 of `timing.events`)."""
SHORTEST_IPU = 0.05
"""Seconds; what is shorter is no IPU (definition 1 of `timing.events`)."""

_TOLERANCE = 1e-6  # seconds; times are sums of float64, and a bound must not break on their last digit


@dataclasses.dataclass(frozen=True, eq=False)
class Placement:
    """Where each IPU goes.

    Attributes:
      speaker: [N] int32.
      number: [N] int32, of the IPU among those of its speaker, from 0: it names its babble and its label.
      first: [N] int64, sample of the onset: round(onset x rate), halves up.
      samples: [N] int64, length: the whole samples in offset - onset, the same wherever the IPU is moved.
      source: [N] int64, index of the IPU in the dialogue.
      total: samples of the whole.
      rate: samples per second.
    """

    speaker: np.ndarray
    number: np.ndarray
    first: np.ndarray
    samples: np.ndarray
    source: np.ndarray
    total: int
    rate: int


@dataclasses.dataclass(frozen=True, eq=False)
class Rendering:
    """A dialogue in sound.

    Attributes:
      audio: [C, T] float32, exact zeros wherever nobody speaks.
      requested: the dialogue that was asked for.
      dialogue: the same with the times that came out: sample / rate, N in the order of `placement`.
      placement: where each IPU is.
      keys: [N, 2] uint32, the key of each IPU's babble.
      speakers: [C] the voices and their gains.
    """

    audio: np.ndarray
    requested: Conversation
    dialogue: Conversation
    placement: Placement
    keys: np.ndarray
    speakers: tuple[Speaker, ...]

    def waveform(self, row: int) -> np.ndarray:
        """The sound of one IPU, float32, by its row of `placement`."""
        first = int(self.placement.first[row])
        return self.audio[self.placement.speaker[row], first : first + int(self.placement.samples[row])]


def place(dialogue: Conversation, rate: int, number: np.ndarray | None = None) -> Placement:
    """Sample positions of a dialogue's IPUs; every onset rounded by itself, so that no error adds up.

    Times are taken to the nanosecond. An onset lies within half a sample of the time asked for. A duration loses
    what is less than a sample: then no IPU ends after the sample at which its asked offset lies, and what does not
    overlap in the plan, transfers of 0 s among it, does not overlap by a sample in the sound.

    Args:
      dialogue: of IPUs.
      rate: samples per second.
      number: [N] of the dialogue's IPUs, see `Placement`; by time where absent.

    Raises:
      BabbleError: the dialogue is not one of IPUs within one window from 0, or a speaker's IPUs are too
        short or too close.
    """
    if dialogue.unit != "ipu":
        raise BabbleError(f"{dialogue.id}: only a dialogue of IPUs can be rendered, not of {dialogue.unit}s.")
    if len(dialogue.windows) != 1 or dialogue.windows[0, 0] != 0:
        raise BabbleError(f"{dialogue.id}: only one window that starts at 0 s can be rendered.")
    end = float(dialogue.windows[0, 1])
    source = np.lexsort((dialogue.speaker, dialogue.onset))
    speaker = dialogue.speaker[source].astype(np.int32)
    onset, offset = dialogue.onset[source], dialogue.end[source]
    named = np.zeros(len(source), np.int32) if number is None else number[source].astype(np.int32)
    for index, name in enumerate(dialogue.speakers):
        own = np.flatnonzero(speaker == index)
        if number is None:
            named[own] = np.arange(len(own))
        for time in onset[own][offset[own] - onset[own] < SHORTEST_IPU - _TOLERANCE]:
            raise BabbleError(
                f"{dialogue.id}: the IPU of {name} at {time:.3f} s is shorter than {SHORTEST_IPU} s; drop it."
            )
        for time in onset[own][1:][onset[own][1:] - offset[own][:-1] < LEAST_SILENCE - _TOLERANCE]:
            raise BabbleError(
                f"{dialogue.id}: the IPU of {name} at {time:.3f} s comes less than {LEAST_SILENCE} s after "
                "the one before; merge them or move it."
            )
    if len(source) and (onset[0] < 0 or np.max(offset) > end + _TOLERANCE):
        raise BabbleError(f"{dialogue.id}: an IPU lies outside the window from 0 to {end:.3f} s; move it.")
    begin, end_of = (np.rint(times * 1e9).astype(np.int64).tolist() for times in (onset, offset))
    # Whole numbers: differences of float64 lose their last digits where an IPU is moved, and ties must all go one way.
    first = np.array([(2 * a * rate + 10**9) // (2 * 10**9) for a in begin], np.int64)
    samples = np.array([(b - a) * rate // 10**9 for a, b in zip(begin, end_of, strict=True)], np.int64)
    total = int(max([round(end * rate), *(first + samples)]))
    return Placement(speaker, named, first, samples, source, total, rate)


def render(
    dialogue: Conversation,
    speakers: Sequence[Speaker],
    seed: int,
    item: int = 0,
    number: np.ndarray | None = None,
    advance: Callable[[int], None] | None = None,
) -> Rendering:
    """Renders a dialogue, with progress on standard error.

    The key of an IPU is (seed, item, speaker, number of the IPU among that speaker's), so that moving IPUs in
    time changes no waveform, nor does leaving some out where the others keep their numbers.

    Args:
      dialogue: of IPUs, in one window from 0; any number of speakers, one voice for each.
      speakers: [C] the voices.
      seed: of the babble.
      item: number of this dialogue within a series; another item is other babble.
      number: [N] int32 of each IPU among its speaker's, from 0, no two alike; by time where absent.
      advance: counts samples of babble in place of that progress.

    Raises:
      BabbleError: as `place` and `utterances`, or the voices do not fit the dialogue.
    """
    if len(speakers) != len(dialogue.speakers):
        raise BabbleError(
            f"{dialogue.id} has {len(dialogue.speakers)} speakers, but {len(speakers)} voices were given; "
            "give one each."
        )
    rates = sorted({speaker.babbler.sample_rate for speaker in speakers})
    if len(rates) != 1:
        raise BabbleError(
            f"The voices have different sample rates ({', '.join(map(str, rates))} Hz); use one rate."
        )
    placement = place(dialogue, rates[0], number)
    if advance is None:
        asked = sum(
            surplus(speakers[who].babbler, int(n))
            for who, n in zip(placement.speaker, placement.samples, strict=True)
        )
        with Progress("babbling", asked, "samples") as progress:
            return render(dialogue, speakers, seed, item, number, progress.update)
    audio = np.zeros((len(speakers), placement.total), np.float32)
    keys = np.zeros((len(placement.first), 2), np.uint32)
    for channel, speaker in enumerate(speakers):
        own = np.flatnonzero(placement.speaker == channel)
        named = placement.number[own]
        keys[own] = stream_keys(seed, item, channel, count=int(np.max(named, initial=-1)) + 1)[named]
        ipus = utterances(speaker, keys[own], placement.samples[own].tolist(), advance)
        for first, ipu in zip(placement.first[own], ipus, strict=True):
            audio[channel, first : first + len(ipu)] = ipu
    return Rendering(audio, dialogue, realised(dialogue, placement), placement, keys, tuple(speakers))


def realised(dialogue: Conversation, placement: Placement) -> Conversation:
    """The dialogue with its times on the grid of samples, in the order of `placement`."""
    return dataclasses.replace(
        dialogue,
        speaker=placement.speaker,
        onset=placement.first / placement.rate,
        end=(placement.first + placement.samples) / placement.rate,
        mark=dialogue.mark[placement.source],
        windows=np.array([[0.0, placement.total / placement.rate]]),
        time_resolution=1 / placement.rate,
    )
