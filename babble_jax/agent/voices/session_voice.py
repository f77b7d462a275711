"""Lets a pretrained voice speak for an agent: its next onset is drawn ahead, so that it sounds when it is decided.

An utterance begins as a recording begins, from the voice's initial state, at the next samples of a stream of random
numbers that turns and backchannels have each to themselves. While the voice is silent the first 80 ms of both are
drawn; what is silent at their start, up to two seconds, is left out. From there on a `VoiceSession` draws hop by hop.

A backchannel is made of the voiced units of a short IPU of the voice's recordings, slower, softer and lower; where it
goes on beyond them, its last unit does. Only a voice with units can do this; one that speaks phones says a short word,
softer and lower, and another one gives a softer piece of its babble.

Axes: T samples, N top frames, F frames of 10 ms.
"""

import itertools
import math
import os
from typing import Any, NamedTuple

import numpy as np

from babble_jax.audio.level import LOWEST_RMS_DB
from babble_jax.audio.units import HOP, UnitFrame
from babble_jax.dialogue.card_levels import level_voice
from babble_jax.dialogue.loudness import limit_peaks
from babble_jax.pretrained.session import open_session
from babble_jax.pretrained.tacotron_session import SHORT
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.pretrained.voices import LoadedVoice, load_any_voice, make_babbler
from babble_jax.timing.floor.state import BACKCHANNEL
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning import utterance
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.conditioning.prosody_response import LINEAR
from babble_jax.voice.conditioning.unit_lm import UnitLM
from babble_jax.voice.config import UNIT_CHANNELS
from babble_jax.voice.session import LiveSession

RELEASE = 0.04
"""Seconds from a stop to the end of what is heard of the voice babblers: 55 ms at the median, 43 to 60 of nine in ten
(`experiments.bench.live`)."""
_PIECE, _PIECES = 0.01, 8  # seconds of a piece that is drawn ahead, and their number
_LONGEST_LEAD = 2.0  # seconds of silence at the start of an utterance that are left out at most
_TAIL = 0.12  # seconds from a stop in which the session is still run; it is silent after 0.1
_ONSET_POWER = 10 ** (-45 / 10)  # of full scale, from which on an onset is heard
_ONSET_WINDOW, _FADE = 0.004, 0.002  # seconds
_MM_SECONDS, _MM_VOICED, _MM_FEWEST = (
    0.6,
    0.5,
    12,
)  # of an IPU for a backchannel: its length, its voiced share
_MM_FRAMES, _MM_SLOWER = (
    30,
    2.5,
)  # shortest backchannel in frames, and by how much a shorter stretch is slowed at most
_MM_PITCH, _MM_DB, _MM_RANGE = -0.08, -8.0, 8.0  # octaves; dB; dB between the loudest and the softest unit
_PURPOSE = 3  # of random numbers, apart from those of `unit_stream` and `stream_features`


class Utterance(NamedTuple):
    """An utterance from its onset on: a value.

    Attributes:
      kind: of its IPU.
      origin: sample of its session at which it begins.
      phrase: [F] units of a backchannel, for a voice with units; empty for a turn.
      ahead: state of its session after all pieces.
      behind: state of the session after the last piece that was given to its end.
      pieces: sound that is drawn and not given, each with the state after it.
      broken: whether a part of the first piece was given, or left out.
      stop: samples given since it was told to stop; None before.
    """

    kind: int
    origin: int
    phrase: tuple[UnitFrame, ...]
    ahead: Any
    behind: Any
    pieces: tuple[tuple[np.ndarray, Any], ...] = ()
    broken: bool = False
    stop: int | None = None


class SessionVoiceState(NamedTuple):
    """All that changes in a session's voice: a value.

    Attributes:
      ahead: the next turn and the next backchannel.
      running: the utterance that speaks; None in silence.
      ending: one that was told to stop and is not over.
    """

    ahead: tuple[Utterance, Utterance]
    running: Utterance | None
    ending: Utterance | None


class SessionVoice:
    """A pretrained voice as the voice of an agent, see `AgentVoice`.

    Args:
      voice: a voice, its name, or its folder.
      speaker: name of one of its speakers; None for the first.
      language: name of one of its languages, of a voice that speaks phones; None for the first.
      seed: of its babble, from 0 to 2**32 - 1.
      sampler: see `open_session`; "int8" leaves the most time to spare.
      prosody: see `open_session`; its level is relative to the common one.
      gain: factor of amplitude that brings the speaker to the common level; None to look it up, or to measure it.

    Attributes:
      state: all that changes, a value.
      sample_rate: Hz.
      gain: factor of amplitude.

    Raises:
      BabbleError: see `open_session`.
    """

    release = RELEASE
    endless = True

    def __init__(
        self,
        voice: LoadedVoice | str | os.PathLike,
        *,
        speaker: str | None = None,
        language: str | None = None,
        seed: int = 0,
        sampler: SamplerName = "int8",
        prosody: Prosody | None = None,
        gain: float | None = None,
    ):
        loaded = load_any_voice(voice)
        self._sessions: tuple[LiveSession, ...] = tuple(
            open_session(
                loaded,
                speaker=speaker,
                language=language,
                seed=number % 2**32,
                prosody=prosody,
                sampler=sampler,
            )
            for number in (2 * seed, 2 * seed + 1)
        )
        self.sample_rate, frame = self._sessions[0].sample_rate, self._sessions[0].frame
        self.gain = level_voice(make_babbler(loaded, speaker, language)).gain if gain is None else gain
        self._grid = math.lcm(frame, round(HOP * self.sample_rate))
        self._seed, self._phrases = seed, []
        self._silence, self._response = UnitFrame(0, math.nan, LOWEST_RMS_DB), LINEAR
        if not isinstance(loaded, TacotronVoice) and loaded.unit_models is not None:
            index = loaded.index_of(speaker) or 0
            unit_lm, self._response = loaded.unit_models.unit_lms[index], loaded.prosody_response(index)
            (self._silence,) = unit_lm.silence(1)
            self._phrases = backchannel_phrases(unit_lm)
        self.state = SessionVoiceState((self._begin(0, 0, 0), self._begin(BACKCHANNEL, 0, 0)), None, None)

    def step(self, active: bool, kind: int, samples: int) -> np.ndarray:
        """Makes the next samples; see `AgentVoice.step`.

        Args:
          active: see `AgentVoice.step`.
          kind: see `AgentVoice.step`.
          samples: see `AgentVoice.step`.
        """
        ahead, running, ending = self.state
        if active and running is None:
            running = self._open(ahead[int(kind == BACKCHANNEL)])
        elif not active and running is not None:
            ending, running = _stop(running), None
            following = self._follow(ending)
            ahead = (ahead[0], following) if ending.kind == BACKCHANNEL else (following, ahead[1])
        sound = np.zeros(samples, np.float32)
        if running is not None:
            part, running = self._speak(running, samples)
            sound += part
        if ending is not None:
            part, ending = self._speak(ending, samples)
            sound += part
            if (ending.stop or 0) >= _TAIL * self.sample_rate:
                ending = None
        if running is None and ending is None:
            turn, backchannel = (self._prepare(one) for one in ahead)
            ahead = (turn, backchannel)
        self.state = SessionVoiceState(ahead, running, ending)
        return limit_peaks(self.gain * sound)

    def remaining(self) -> None:
        """Returns None: it is endless."""

    def can_begin(self, kind: int) -> bool:
        """Returns true: it can always babble."""
        return True

    def _begin(self, kind: int, origin: int, draws: int) -> Utterance:
        """Makes an utterance of which nothing is drawn.

        Args:
          kind: of its IPU.
          origin: sample of its session at which it begins.
          draws: number of runs of units, or of phrases, that the session has drawn before.
        """
        state = self._session(kind).state_at(origin, draws)
        phrase = ()
        if kind == BACKCHANNEL and self._phrases:
            number = np.random.default_rng([_PURPOSE, self._seed, origin]).integers(len(self._phrases))
            phrase = self._phrases[number]
        return Utterance(kind, origin, phrase, state, state)

    def _follow(self, ending: Utterance) -> Utterance:
        """Makes the utterance that its session speaks after one that ends."""
        session = self._session(ending.kind)
        behind = session.position(ending.ahead) + round(_TAIL * self.sample_rate)
        return self._begin(ending.kind, -(-behind // self._grid) * self._grid, session.draws(ending.ahead))

    def _session(self, kind: int) -> LiveSession:
        """Returns the session that speaks IPUs of a kind."""
        return self._sessions[int(kind == BACKCHANNEL)]

    def _draw(self, one: Utterance) -> Utterance:
        """Draws a piece ahead."""
        sound, ahead = self._run(one, one.ahead, round(_PIECE * self.sample_rate))
        return one._replace(ahead=ahead, pieces=(*one.pieces, (sound, ahead)))

    def _prepare(self, one: Utterance) -> Utterance:
        """Draws a piece ahead where there are too few; and where all are silent, in place of the first."""
        if len(one.pieces) >= _PIECES:
            lead = self._session(one.kind).position(one.ahead) - one.origin
            if lead >= _LONGEST_LEAD * self.sample_rate or self._onset(one) is not None:
                return one
            (_, behind), *pieces = one.pieces
            one = one._replace(behind=behind, pieces=tuple(pieces))
        return self._draw(one)

    def _onset(self, one: Utterance) -> int | None:
        """Finds the first sample that is heard in the pieces of an utterance; None where they are silent."""
        window = round(_ONSET_WINDOW * self.sample_rate)
        line = np.concatenate([*(sound for sound, _ in one.pieces), np.zeros(0, np.float32)])
        energy = np.concatenate([[0.0], np.cumsum(np.square(self.gain * line, dtype=np.float64))])
        power = (energy[window:] - energy[:-window]) / window if len(line) >= window else np.zeros(0)
        loud = np.flatnonzero(power >= _ONSET_POWER)
        return int(loud[0]) if len(loud) else None

    def _open(self, one: Utterance) -> Utterance:
        """Leaves out what is silent before the onset in the pieces that are drawn ahead."""
        while (onset := self._onset(one)) is None and len(one.pieces) < _PIECES:
            one = self._draw(one)
        line = np.concatenate([sound for sound, _ in one.pieces])
        skip, fade = onset or 0, round(_FADE * self.sample_rate)
        line[skip : skip + fade] *= np.sin(np.arange(1, fade + 1) / fade * (np.pi / 2))[: len(line) - skip]
        pieces, first = [], 0
        for sound, state in one.pieces:
            rest = line[max(first, skip) : first + len(sound)]
            first += len(sound)
            if len(rest):
                pieces.append((rest, state))
            else:
                one = one._replace(behind=state)
        return one._replace(pieces=tuple(pieces), broken=True)

    def _speak(self, one: Utterance, samples: int) -> tuple[np.ndarray, Utterance]:
        """Gives the next samples of an utterance that is open."""
        parts, missing, pieces = [], samples, list(one.pieces)
        while missing and pieces:
            sound, state = pieces.pop(0)
            parts.append(sound[:missing])
            if len(sound) > missing:
                pieces.insert(0, (sound[missing:], state))
                one = one._replace(broken=True)
            else:
                one = one._replace(behind=state, broken=False)
            missing -= len(parts[-1])
        if missing:
            sound, state = self._run(one, one.ahead, missing)
            parts.append(sound)
            one = one._replace(ahead=state, behind=state)
        stop = None if one.stop is None else one.stop + samples
        return np.concatenate(parts), one._replace(pieces=tuple(pieces), stop=stop)

    def _run(self, one: Utterance, state: Any, samples: int) -> tuple[np.ndarray, Any]:
        """Runs the session of an utterance from a state on: its sound, [T], and the state after it."""
        session = self._session(one.kind)
        session.state = state
        channels: dict[str, Any] = {"active": one.stop is None}
        softer = 1.0
        if one.phrase:
            channels |= self._phrase_channels(one, session, samples)
        elif one.kind == BACKCHANNEL:
            softer = 10 ** (_MM_DB / 20)
            if SHORT in session.channels:
                channels[SHORT] = True
        sound = session.step(channels, samples)[0]
        return softer * sound if softer != 1 else sound, session.state

    def _phrase_channels(self, one: Utterance, session: LiveSession, samples: int) -> dict[str, np.ndarray]:
        """Makes unit, pitch and level of a backchannel's next top frames."""
        first, count = session.next_frames(samples)
        middles = (np.arange(first, first + count) + 0.5) * session.frame - one.origin
        index = np.floor(middles / (HOP * self.sample_rate)).astype(int)
        frames = [one.phrase[min(i, len(one.phrase) - 1)] for i in index.tolist()]
        frames = [session.prosody.shift(frame, self._response) for frame in frames]
        share = 1.0 if one.stop is None else max(0.0, 1 - one.stop / (utterance.RELEASE * self.sample_rate))
        frames = [f._replace(rms_db=LOWEST_RMS_DB + share * (f.rms_db - LOWEST_RMS_DB)) for f in frames]
        columns = zip(*(frames or [self._silence]), strict=True)
        return {
            name: np.array(values)[None, :count] for name, values in zip(UNIT_CHANNELS, columns, strict=True)
        }


def _stop(one: Utterance) -> Utterance:
    """Tells an utterance to stop: what is left of the piece that sounds is given, no other piece is."""
    rest = one.pieces[:1] if one.broken else ()
    return one._replace(pieces=rest, ahead=rest[0][1] if rest else one.behind, stop=0)


def backchannel_phrases(unit_lm: UnitLM) -> list[tuple[UnitFrame, ...]]:
    """Makes backchannels of the shortest voiced IPUs of a speaker's recordings: of each its longest voiced stretch.

    A stretch is slowed to 0.3 s where it is shorter, by 2.5 times at most; and it is softer and lower.

    Returns:
      Phrases [F].
    """
    ends = (np.flatnonzero(unit_lm.ends_phrase) + 1).tolist()
    phrases: list[tuple[float, tuple[UnitFrame, ...]]] = []
    for first, stop in itertools.pairwise([0, *ends]):
        durations = unit_lm.durations[first:stop]
        voiced = durations[np.isfinite(unit_lm.pitch[first:stop])].sum()
        if voiced >= _MM_VOICED * durations.sum():
            phrases.append((float(durations.sum()) * HOP, _hum(unit_lm, first, stop)))
    phrases.sort(key=lambda one: one[0])
    count = max(_MM_FEWEST, sum(seconds <= _MM_SECONDS for seconds, _ in phrases))
    return [frames for _, frames in phrases[:count]]


def _hum(unit_lm: UnitLM, first: int, stop: int) -> tuple[UnitFrame, ...]:
    """Makes the longest voiced stretch of runs `first` to `stop` - 1 slower, softer and lower; one run is voiced."""
    frames = unit_lm.silence(1)
    for run in range(first, stop):
        frames += unit_lm.run_frames(run, frames[-1])
    voiced = np.concatenate([[False], [math.isfinite(frame.pitch) for frame in frames], [False]])
    edges = np.flatnonzero(np.diff(voiced)).reshape(-1, 2)
    begin, end = edges[np.argmax(np.diff(edges)[:, 0])].tolist()
    length = max(end - begin, min(_MM_FRAMES, round(_MM_SLOWER * (end - begin))))
    index = begin + ((np.arange(length) + 0.5) * (end - begin) / length).astype(int)
    lowest = max(frames[i].rms_db for i in index.tolist()) - _MM_RANGE
    return tuple(
        frames[i]._replace(
            pitch=frames[i].pitch + _MM_PITCH,
            rms_db=max(LOWEST_RMS_DB, max(frames[i].rms_db, lowest) + _MM_DB),
        )
        for i in index.tolist()
    )
