"""Channels of the streams of a voice in free running, where it is known in advance when each speaks: activity and,
for a voice with units, which sounds it makes.

Axes: B streams, K intervals of activity, N top frames, C features, F frames of 10 ms, T samples of a prompt.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import jax
import numpy as np

from babble_jax.audio.activity import detect_by_energy
from babble_jax.audio.units import HOP, UnitFrame, UnitSequence, frame_index
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.prosody_final import voiced_end
from babble_jax.voice.conditioning.prosody_response import ProsodyResponse
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.conditioning.unit_runs import dedup
from babble_jax.voice.config import UNIT_CHANNELS
from babble_jax.voice.voice import Voice

ConditioningFn = Callable[[int, int], dict[str, np.ndarray]]
"""(first top frame, number N) -> channels by name, [B, N] each; called for each block just before it is sampled."""

ENDLESS = np.array([[0.0, np.inf]])
"""Activity without a pause and without end, [1, 2] seconds."""
_EDGE = 0.2  # seconds of silence at each end of a single utterance
_LEAST_SPEECH = 0.05  # seconds, with less of which a stream is silent to the ear
_LEAD = (
    0.02  # seconds between the onset of the features and that of the sound, measured on the voice babblers
)
_CANDIDATES = 4  # phrases that are drawn where a final contour is asked for


def single_utterance(seconds: float, silence: float = _EDGE) -> np.ndarray:
    """Makes the activity of one utterance, [1, 2] seconds.

    Args:
      seconds: length of the stream.
      silence: seconds of silence at each end; none where the stream is not longer than three times as much.
    """
    silence = silence if seconds > 3 * silence else 0.0
    return np.array([[silence, seconds - silence]])


def draw_activity(
    voice: Voice, seconds: float, keys: jax.Array, speaker: np.ndarray | None = None
) -> list[np.ndarray]:
    """Draws when each of B streams speaks.

    Phrases and pauses are like those in the recordings of the speaker, for a voice with units. For another voice, and
    where a stream is so short that nearly all of it would be the pause before the first phrase, the activity is one
    utterance.

    Args:
      voice: the voice.
      seconds: length of the streams.
      keys: [B] PRNG keys; not consumed.
      speaker: [B] indices; None for the first speaker.

    Returns:
      Intervals of activity of each stream, [K, 2] seconds.
    """
    if voice.unit_models is None:
        return [single_utterance(seconds)] * len(keys)
    speakers = np.zeros(len(keys), int) if speaker is None else speaker
    patterns = [
        voice.unit_models.unit_lms[s].draw_activity(draws, seconds)
        for s, draws in zip(speakers, _generators(keys, 0), strict=True)
    ]
    least = min(_LEAST_SPEECH, seconds / 2)
    return [
        active if float(np.diff(active, axis=1).sum()) >= least else single_utterance(seconds)
        for active in patterns
    ]


def conditioning(
    voice: Voice,
    active: Sequence[np.ndarray],
    keys: jax.Array,
    speaker: np.ndarray | None = None,
    prompt: np.ndarray | None = None,
    prosody: Prosody = NEUTRAL,
) -> ConditioningFn | None:
    """Makes the function that gives the channels of B streams block by block; None for a voice without features.

    A vocoder has no channels of its own making.

    Args:
      voice: the voice.
      active: intervals of activity of each stream, [K, 2] seconds from the start of the babble, in order and
        disjoint; the last may have no end.
      keys: [B] PRNG keys, from which units are drawn; not consumed, as `speak.stream` takes the same ones.
      speaker: [B] indices; None for the first speaker.
      prompt: [B, T] float32 in [-1, 1], as `speak.stream` takes it. Its activity is detected by its energy, its units
        are encoded by the codebook.
      prosody: of what is drawn, for a voice with units (`check_prosody`).

    Raises:
      BabbleError: the voice is a vocoder.
    """
    config, models = voice.config, voice.unit_models
    if config.mel is not None:
        raise BabbleError(
            f"The voice {voice.name} is a vocoder and says what a mel spectrogram contains; let it say a recording "
            "again (`babble speak --copy RECORDING`, babble_jax.copy_synthesis), or push the channel mel to a session."
        )
    if not config.local:
        return None
    rate, count = config.sample_rate, len(keys)
    speakers = np.zeros(count, int) if speaker is None else np.asarray(speaker)
    prompt_seconds = 0.0 if prompt is None else prompt.shape[1] / rate
    intervals = [_advance_onsets(np.reshape(stream, (-1, 2))) + prompt_seconds for stream in active]
    prompt_frames: list[list[UnitFrame]] = [[] for _ in range(count)]
    if prompt is not None:
        prompt_active = [np.minimum(detect_by_energy(x, rate), prompt_seconds) for x in prompt]
        intervals = [np.concatenate(parts) for parts in zip(prompt_active, intervals, strict=True)]
        if models is not None:
            for b, s in enumerate(speakers):
                units = models.codebook.encode_recording(prompt[b], rate, int(s))
                prompt_frames[b] = dedup(units, prompt_active[b], models.unit_lms[s].silence_unit).frames()
    streams = None
    if models is not None:
        streams = [
            _UnitStream(
                models.unit_lms[s], stream, prompt_seconds, frames, draws, prosody, voice.prosody_response(s)
            )
            for s, stream, frames, draws in zip(
                speakers.tolist(), intervals, prompt_frames, _generators(keys, 1), strict=True
            )
        ]

    def channels(first: int, count: int) -> dict[str, np.ndarray]:
        times = config.frame_middles(first, max(count, 1))
        rows = np.stack([activity.features(stream, times) for stream in intervals])
        named = dict(zip(activity.FEATURES, np.moveaxis(rows, -1, 0), strict=True))
        if streams is not None:
            parts = zip(*(stream.at(times) for stream in streams), strict=True)
            named |= zip(UNIT_CHANNELS, map(np.stack, parts), strict=True)
        return {name: values[:, :count] for name, values in named.items()}

    return channels


def _advance_onsets(active: np.ndarray) -> np.ndarray:
    """Moves onsets [K, 2] seconds ahead by `_LEAD`, at most to the end before, so that the sound starts in time."""
    ends = np.concatenate([[0.0], active[:-1, 1]])
    return np.stack([np.maximum(active[:, 0] - _LEAD, ends[: len(active)]), active[:, 1]], axis=1)


def _generators(keys: jax.Array, purpose: int) -> list[np.random.Generator]:
    """Makes a numpy generator for each of keys [B] and a purpose."""
    data = np.asarray(jax.random.key_data(keys))
    return [np.random.default_rng([purpose, *words.tolist()]) for words in data]


class _UnitStream:
    """The units of one stream, drawn as far as they are needed.

    Args:
      unit_lm: language model of the speaker.
      active: [K, 2] seconds from the start of the prompt.
      prompt_seconds: length of the prompt.
      frames: frames of the prompt; extended.
      draws: consumed.
      prosody: of what is drawn.
      response: of the speaker to what is conditioned.
    """

    def __init__(
        self,
        unit_lm: UnitLM,
        active: np.ndarray,
        prompt_seconds: float,
        frames: list[UnitFrame],
        draws: np.random.Generator,
        prosody: Prosody,
        response: ProsodyResponse,
    ):
        self._unit_lm, self._draws, self._prosody, self._response = unit_lm, draws, prosody, response
        self._rate = response.conditioned_rate(prosody.rate)
        self._frames, self._start = frames, prompt_seconds
        self._ahead = [(onset, end) for onset, end in active.tolist() if end > prompt_seconds]
        self._endless: Iterator[UnitFrame] | None = None

    def at(self, times: np.ndarray) -> UnitSequence:
        """Returns the frames at some times [N], in seconds and in order."""
        index = frame_index(times)
        while len(self._frames) <= index[-1]:
            self._extend(int(index[-1]) + 1)
        return UnitSequence.from_frames(self._frames[index[0] : index[-1] + 1]).take(index - index[0])

    def _extend(self, needed: int) -> None:
        """Appends silence, a phrase or a frame of endless speech, on the way to `needed` frames."""
        if self._endless is not None:
            self._frames.append(next(self._endless))
            return
        onset, end = self._ahead[0] if self._ahead else (math.inf, math.inf)
        silent = min(needed, round(onset / HOP) if onset < math.inf else needed) - len(self._frames)
        if silent > 0:
            self._frames += self._unit_lm.silence(silent)
        if len(self._frames) >= needed:
            return
        self._ahead.pop(0)
        if end == math.inf:
            self._endless = self._speak_on()
        elif (frames := round(end / HOP) - len(self._frames)) > 0:
            start = len(self._frames) * HOP - self._start
            self._frames += self._prosody.shape(self._draw_phrase(frames), start, self._response).frames()

    def _draw_phrase(self, frames: int) -> UnitSequence:
        """Draws a phrase; to have a final contour, that of several which is voiced for longest where it ends."""
        count = 1 if self._prosody.final is None else _CANDIDATES
        phrases = [
            self._unit_lm.draw_phrase(self._draws, frames, self._rate, self._prosody.entropy)
            for _ in range(count)
        ]
        return max(phrases, key=voiced_end)

    def _speak_on(self) -> Iterator[UnitFrame]:
        """Yields the frames of endless speech."""
        prosody, position = self._prosody, 0.0
        (before,) = self._frames[-1:] or self._unit_lm.silence(1)
        for at in self._unit_lm.walk(self._draws, endless=True, temperature=prosody.entropy):
            run = self._unit_lm.run_frames(at, before)
            while position < len(run):
                yield prosody.shift(run[int(position)], self._response)
                position += self._rate
            position, before = position - len(run), run[-1]
