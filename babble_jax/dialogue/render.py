"""Makes a planned dialogue into sound: one channel per speaker, every IPU at its sample.

Axes: C channels (speakers), T samples, N IPUs in the order of (onset, speaker).
"""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.names import with_article
from babble_jax.dialogue.utterance import LeveledVoice, babble_samples, speak_ipus
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress
from babble_jax.voice.babbler import stream_keys

MIN_SILENCE_SECONDS = 0.18
"""Between two IPUs of one speaker: what is closer together is one IPU (definition 1 of `timing.events`)."""
MIN_IPU_SECONDS = 0.05
"""Shorter sounds are no IPUs (definition 1 of `timing.events`)."""

_TOLERANCE = 1e-6  # seconds; times are sums of float64, and a bound must not break on their last digit


@dataclasses.dataclass(frozen=True, eq=False)
class Placement:
    """The samples of each IPU.

    Attributes:
      speaker: [N] int32.
      number: [N] int32, of the IPU among those of its speaker, from 0: it names its babble and its label.
      first: [N] int64, sample of the onset: round(onset x rate), halves up.
      samples: [N] int64, length: the complete samples in end - onset, the same wherever the IPU is moved.
      source: [N] int64, index of the IPU in the dialogue.
      total: samples of the dialogue.
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
      request: the dialogue with the times of its plan.
      dialogue: the same with the times in the sound: sample / rate, N in the order of `placement`.
      placement: where each IPU is.
      keys: [N, 2] uint32, the key of each IPU's babble; zeros where it is no babble.
      voices: [C] the voices and their gains; None for a speaker who does not babble.
    """

    audio: np.ndarray
    request: Conversation
    dialogue: Conversation
    placement: Placement
    keys: np.ndarray
    voices: tuple[LeveledVoice | None, ...]

    def waveform(self, row: int) -> np.ndarray:
        """Returns the sound of one IPU, float32, by its row of `placement`."""
        first = int(self.placement.first[row])
        return self.audio[self.placement.speaker[row], first : first + int(self.placement.samples[row])]


def place(dialogue: Conversation, rate: int, number: np.ndarray | None = None) -> Placement:
    """Computes the sample positions of a dialogue's IPUs; every onset is rounded by itself, so that no error adds up.

    Times are taken to the nanosecond. An onset lies within half a sample of its planned time. A duration loses
    what is less than a sample: then no IPU ends after the sample of its planned end, and what does not
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
    window_end = float(dialogue.windows[0, 1])
    source = np.lexsort((dialogue.speaker, dialogue.onset))
    speaker = dialogue.speaker[source].astype(np.int32)
    onset, end = dialogue.onset[source], dialogue.end[source]
    numbers = np.zeros(len(source), np.int32) if number is None else number[source].astype(np.int32)
    for index, name in enumerate(dialogue.speakers):
        own = np.flatnonzero(speaker == index)
        if number is None:
            numbers[own] = np.arange(len(own))
        for time in onset[own][end[own] - onset[own] < MIN_IPU_SECONDS - _TOLERANCE]:
            raise BabbleError(
                f"{dialogue.id}: the IPU of {name} at {time:.3f} s is shorter than {MIN_IPU_SECONDS} s; drop it."
            )
        for time in onset[own][1:][onset[own][1:] - end[own][:-1] < MIN_SILENCE_SECONDS - _TOLERANCE]:
            raise BabbleError(
                f"{dialogue.id}: the IPU of {name} at {time:.3f} s comes less than {MIN_SILENCE_SECONDS} s after "
                "the one before; merge them or move it."
            )
    if len(source) and (onset[0] < 0 or np.max(end) > window_end + _TOLERANCE):
        raise BabbleError(
            f"{dialogue.id}: an IPU lies outside the window from 0 to {window_end:.3f} s; move it."
        )
    onset_ns, end_ns = (np.rint(times * 1e9).astype(np.int64).tolist() for times in (onset, end))
    # Integers: differences of float64 lose their last digits where an IPU is moved, and ties must all go one way.
    first = np.array([(2 * a * rate + 10**9) // (2 * 10**9) for a in onset_ns], np.int64)
    samples = np.array([(b - a) * rate // 10**9 for a, b in zip(onset_ns, end_ns, strict=True)], np.int64)
    total = int(max([round(window_end * rate), *(first + samples)]))
    return Placement(speaker, numbers, first, samples, source, total, rate)


def render(
    dialogue: Conversation,
    voices: Sequence[LeveledVoice],
    seed: int,
    item: int = 0,
    number: np.ndarray | None = None,
    advance: Callable[[int], None] | None = None,
) -> Rendering:
    """Renders a dialogue, all speakers side by side, with progress on standard error.

    The key of an IPU is (seed, item, speaker, number of the IPU among that speaker's), so that moving IPUs in
    time changes no waveform, nor does leaving some out where the others keep their numbers.

    Args:
      dialogue: of IPUs, in one window from 0; any number of speakers.
      voices: [C] of one sample rate, one for each speaker.
      seed: of the babble.
      item: number of this dialogue within a series; another item is other babble.
      number: [N] int32 of each IPU among its speaker's, from 0, no two alike; by time where absent.
      advance: counts samples of babble in place of that progress.

    Raises:
      BabbleError: as `place` and `speak_ipus`, or the voices do not fit the dialogue.
    """
    if len(voices) != len(dialogue.speakers):
        raise BabbleError(
            f"{dialogue.id} has {len(dialogue.speakers)} speakers, but {len(voices)} voices; give one each."
        )
    rates = sorted({voice.babbler.sample_rate for voice in voices})
    if len(rates) != 1:
        listed = ", ".join(f"{one.babbler.name} {one.babbler.sample_rate} Hz" for one in voices)
        raise BabbleError(
            f"The voices have different sample rates ({listed}); resample the lower with `match_rates`, or make all "
            "with one rate."
        )
    placement = place(dialogue, rates[0], number)
    rows = np.arange(len(placement.first))
    if advance is not None:
        waveforms, keys = speak_rows(placement, rows, voices, seed, item, advance)
    else:
        speaking = [channel for channel in range(len(voices)) if np.any(placement.speaker == channel)]
        total = sum(
            babble_samples(voices[channel].babbler, samples)
            for channel, samples in zip(placement.speaker.tolist(), placement.samples.tolist(), strict=True)
        )
        names = " and ".join(with_article(dialogue.speakers[channel]) for channel in speaking)
        title = f"{names} {'speaks' if len(speaking) == 1 else 'speak'}"
        with Progress(title, total, "samples", shown=bool(speaking)) as progress:
            waveforms, keys = speak_rows(placement, rows, voices, seed, item, progress.update)
    audio = mix(placement, waveforms, len(voices))
    return Rendering(audio, dialogue, snap_to_samples(dialogue, placement), placement, keys, tuple(voices))


def speak_rows(
    placement: Placement,
    rows: np.ndarray,
    voices: Sequence[LeveledVoice | None],
    seed: int,
    item: int,
    advance: Callable[[int], None],
) -> tuple[list[np.ndarray], np.ndarray]:
    """Makes the babble of some IPUs of a placement, that of all speakers side by side.

    Args:
      placement: at the sample rate of the voices.
      rows: [M] of the placement.
      voices: [C]; None for a speaker of none of the rows.
      seed: of the babble.
      item: number of this dialogue within a series.
      advance: counts samples of babble; called by one thread at a time.

    Returns:
      (waveforms, keys): M arrays, float32, and [N, 2] uint32, zeros for other rows.

    Raises:
      BabbleError: see `speak_ipus`.
    """
    waveforms: dict[int, np.ndarray] = {}
    keys = np.zeros((len(placement.first), 2), np.uint32)
    counting, stopped = threading.Lock(), threading.Event()

    def count(samples: int) -> None:
        if stopped.is_set():  # another speaker cannot go on, or the program is to end
            raise CancelledError
        with counting:
            advance(samples)

    def speak(channel: int) -> tuple[np.ndarray, list[np.ndarray]]:
        voice, own = voices[channel], rows[placement.speaker[rows] == channel]
        if voice is None:
            return own[:0], []
        numbers = placement.number[own]
        keys[own] = stream_keys(seed, item, channel, count=int(np.max(numbers, initial=-1)) + 1)[numbers]
        return own, speak_ipus(voice, keys[own], placement.samples[own].tolist(), count)

    with ThreadPoolExecutor(max(len(voices), 1)) as pool:
        try:
            for own, ipus in pool.map(speak, range(len(voices))):
                waveforms |= dict(zip(own.tolist(), ipus, strict=True))
        finally:
            stopped.set()
    return [waveforms[row] for row in rows.tolist()], keys


def mix(placement: Placement, waveforms: Sequence[np.ndarray], channels: int) -> np.ndarray:
    """Puts the waveform of each IPU at its sample on its speaker's channel.

    Args:
      placement: of N IPUs.
      waveforms: N arrays of as many samples as `placement` says.
      channels: C.

    Returns:
      [C, T] float32, exact zeros wherever nobody speaks.
    """
    audio = np.zeros((channels, placement.total), np.float32)
    for first, speaker, waveform in zip(placement.first, placement.speaker, waveforms, strict=True):
        audio[speaker, first : first + len(waveform)] = waveform
    return audio


def snap_to_samples(dialogue: Conversation, placement: Placement) -> Conversation:
    """Replaces the times of a dialogue by those of its samples, in the order of `placement`."""
    return dataclasses.replace(
        dialogue,
        speaker=placement.speaker,
        onset=placement.first / placement.rate,
        end=(placement.first + placement.samples) / placement.rate,
        mark=dialogue.mark[placement.source],
        windows=np.array([[0.0, placement.total / placement.rate]]),
        time_resolution=1 / placement.rate,
    )
