"""A voice that speaks phones, in time: told block by block whether it speaks, it says phrase after phrase.

While a stream is told to speak, phonotactics draw phrases, the synthesizer makes their mel step by step, and the
vocoder's session makes it sound. Told to stop, the mel falls to silence within 50 ms, and the gate of the vocoder's
session closes. Phrase n of a stream depends on its key, on n and on the prosody alone.

Axes: B streams, T samples, N top frames of the vocoder, F frames of mel, M mel bands.
"""

import copy
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.mel_spectrogram import LOWEST
from babble_jax.errors import BabbleError
from babble_jax.pretrained.stream_phrases import StreamFrame, StreamPhrases
from babble_jax.pretrained.tacotron_voice import TacotronVoice
from babble_jax.tacotron.phonotactics.phrase import Word
from babble_jax.tacotron.streaming.dropout import fold_in
from babble_jax.tacotron.streaming.synthesis import LONGEST_LEAD, PhraseBounds, PhraseState
from babble_jax.voice.block_sampler import SamplerName
from babble_jax.voice.conditioning.mel import MelStream, upsample_mel
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody
from babble_jax.voice.conditioning.utterance import RELEASE, UtteranceControl, UtteranceState
from babble_jax.voice.config import MEL
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.session import ACTIVE, SessionState, VoiceSession

SHORT, UNTIL_END = "short", "until_end"
"""Channels beside `active`: whether an utterance is a backchannel; seconds until it is told to stop, NaN if unknown."""
LONGEST_PAUSE = 0.15
"""Seconds between two phrases of an utterance, at most: an inter-pausal unit has no longer one."""
_AHEAD, _PACE = 0.12, 0.01  # seconds of mel that are made ahead, and between two steps of work ahead
_SLOWER, _MORE = 1.5, 0.3  # longest phrase: so many times as long as its prosody says, and seconds more


class SpokenStream(NamedTuple):
    """What a stream is saying: a value.

    Attributes:
      phrases: number of phrases that have begun.
      phrase: the running one; None between two phrases.
      mel: [F, M] natural logarithm of magnitudes, those of the utterance that are still needed.
      first: index of the first of them in the utterance.
      words: of the next phrase, those that are drawn ahead.
    """

    phrases: int
    phrase: PhraseState | None
    mel: np.ndarray
    first: int = 0
    words: tuple[Word, ...] = ()


class TacotronState(NamedTuple):
    """All that changes in a session: a value, which nothing changes in place.

    Attributes:
      vocoder: state of the vocoder's session.
      streams: [B] what the streams are saying.
      prosody: how phrases that begin are spoken.
    """

    vocoder: SessionState
    streams: tuple[SpokenStream, ...]
    prosody: Prosody


class TacotronSession:
    """Lets B streams of a voice that speaks phones speak in time; see `voice.session.VoiceSession`.

    Channels are pushed by name: `active`, whether a stream speaks; beside it `short`, whether what begins is a
    backchannel (0 by default), and `until_end`, the seconds from a top frame to the end of its utterance where they
    are known (NaN by default), so that the last phrase ends there. The latter two act on the next phrase that begins.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone. They are not consumed.
      sampling: temperature and top k of the vocoder; None for those of the voice.
      speaker: name; None for the first.
      language: name; None for the first.
      sampler: of the vocoder, see `VoiceSession`.
      longest_pause: seconds of silence between two phrases of an utterance, at most.
      prosody: how all streams speak at first, see `set_prosody`.

    Attributes:
      voice: the voice.
      state: all that changes.

    Raises:
      BabbleError: no such speaker or language, a sampler that does not support the vocoder, or a prosody that nothing
        conditions the voice on.
    """

    def __init__(
        self,
        voice: TacotronVoice,
        keys: jax.Array,
        sampling: Sampling | None = None,
        speaker: str | None = None,
        language: str | None = None,
        sampler: SamplerName = "auto",
        longest_pause: float = LONGEST_PAUSE,
        prosody: Prosody = NEUTRAL,
    ):
        self.voice = voice
        self._speaker, self._language = voice.choose_speaker(speaker), voice.choose_language(language)
        voice.check_prosody(prosody, self._language)
        vocoder = voice.vocoder
        index = vocoder.index_of(self._speaker) if vocoder.config.speakers else None
        speakers = None if index is None else np.full(len(keys), index)
        sampling = voice.sampling() if sampling is None else sampling
        self._vocoder = VoiceSession(vocoder, keys, sampling, speakers, sampler, _sound(prosody))
        self._words = np.asarray(jax.random.key_data(keys)).astype(np.uint32).reshape(len(keys), -1)[:, -2:]
        self._pause = longest_pause
        self._control = UtteranceControl(vocoder.config, None)
        self._pace = max(1, round(_PACE * self.sample_rate / self.frame))
        phonotactics = voice.phonotactics[self._language]
        response = voice.prosody_response(self._speaker, self._language)
        self._phrases = [
            StreamPhrases(phonotactics, key, longest_pause, response) for key in self._words.tolist()
        ]
        silence = SpokenStream(0, None, np.zeros((0, self._bands), np.float32))
        self.state = TacotronState(self._vocoder.state, (silence,) * len(keys), prosody)
        streams = []
        for b, phrases in enumerate(self._phrases):
            stream = silence
            for _ in range(phrases.draw_length(0)):
                stream = self._draw_word(b, stream)
            streams.append(stream)
        self.state = self.state._replace(streams=tuple(streams))

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that the session takes."""
        return (ACTIVE, SHORT, UNTIL_END)

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.voice.config.sample_rate

    @property
    def frame(self) -> int:
        """Samples of a top frame, for which a channel holds one value."""
        return self._vocoder.frame

    @property
    def prosody(self) -> Prosody:
        """Prosody of all streams."""
        return self.state.prosody

    @check_arguments
    def set_prosody(self, prosody: Prosody) -> None:
        """Changes how all streams speak, from the next phrase on.

        Its phones then have another duration, pitch and level; words that are drawn ahead stay, so that entropy acts on
        those after them. Level and effort act on the sound, as in `VoiceSession.set_prosody`, from the next top frame
        on. A final contour is that of phrases with which an utterance ends: the last one where `until_end` is pushed,
        else those that phonotactics draw as final. A contour counts from the first sample of the session; `active` is
        to fall where it pauses.

        Args:
          prosody: in place of the present one.

        Raises:
          BabbleError: nothing conditions the voice on it; the session speaks on as before.
        """
        self.voice.check_prosody(prosody, self._language)
        self._vocoder.state = self.state.vocoder
        self._vocoder.set_prosody(_sound(prosody))
        self.state = self.state._replace(vocoder=self._vocoder.state, prosody=prosody)

    @property
    def _bands(self) -> int:
        return self.voice.synthesizer.config.mel.bands

    def branch(self) -> "TacotronSession":
        """Makes a session that goes on from here apart from this one; it shares the voice."""
        other = copy.copy(self)
        other._vocoder = self._vocoder.branch()
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> "TacotronSession":
        return self.branch()

    def next_frames(self, samples: int) -> tuple[int, int]:
        """Returns the first top frame that the next step of so many samples draws from, and their number N."""
        self._vocoder.state = self.state.vocoder
        return self._vocoder.next_frames(samples)

    def state_at(self, position: int, draws: int = 0) -> TacotronState:
        """Makes a state in silence, as at the start, at another sample, with the present prosody.

        Args:
          position: of the sample, a multiple of the top frame.
          draws: phrases that count as said.
        """
        silence = SpokenStream(draws, None, np.zeros((0, self._bands), np.float32))
        self._vocoder.state = self.state.vocoder
        vocoder = self._vocoder.state_at(position)
        return self.state._replace(vocoder=vocoder, streams=(silence,) * len(self.state.streams))

    @staticmethod
    def draws(state: TacotronState) -> int:
        """Returns the number of phrases that the first stream of a state has begun."""
        return state.streams[0].phrases

    @staticmethod
    def position(state: TacotronState) -> int:
        """Returns the number of samples that were drawn up to a state."""
        return state.vocoder.position

    def step(self, channels: Mapping[str, Any], samples: int) -> np.ndarray:
        """Makes the next block of sound.

        Args:
          channels: values by name: one for all streams and frames, or arrays that broadcast to [B, N], N as
            `next_frames` gives it.
          samples: length of the block; a change of a channel acts from the next top frame on.

        Returns:
          [B, samples] float32 in [-1, 1].

        Raises:
          BabbleError: a channel that the session does not know, none that says who is active, or values that it
            cannot have.
        """
        if unknown := [name for name in channels if name not in self.channels]:
            raise BabbleError(
                f"The voice {self.voice.name} does not know the channel {', '.join(unknown)}; "
                f"it takes {', '.join(self.channels)}."
            )
        if ACTIVE not in channels:
            raise BabbleError(f"The voice {self.voice.name} takes the channel {ACTIVE}; push it.")
        first, count = self.next_frames(samples)
        arrays = {name: self._array(name, channels.get(name, 0), count) for name in (ACTIVE, SHORT)}
        until = self._array(UNTIL_END, channels.get(UNTIL_END, math.nan), count)
        times = [(first + n) * self.frame / self.sample_rate for n in range(count)]
        mels, streams = [], []
        for b, (state, stream) in enumerate(
            zip(self.state.vocoder.utterances, self.state.streams, strict=True)
        ):
            values = (array[b].tolist() for array in (arrays[ACTIVE], arrays[SHORT], until))
            rows = zip(*values, times, strict=True)
            mel, stream = self._say(b, state, stream, first, [StreamFrame(*row) for row in rows])
            mels.append(mel)
            streams.append(stream)
        audio = self._vocoder.step({ACTIVE: arrays[ACTIVE], MEL: np.stack(mels)}, samples)
        self.state = self.state._replace(vocoder=self._vocoder.state, streams=tuple(streams))
        return audio

    def _array(self, name: str, values: Any, count: int) -> np.ndarray:
        """Repeats values to [B, N]; raises `BabbleError` for those that a channel cannot have."""
        shape = len(self._words), count
        try:
            array = np.broadcast_to(np.asarray(values), shape)
        except ValueError:
            raise BabbleError(
                f"The channel {name} holds {np.shape(values)} values; give one, or an array that broadcasts to "
                f"{shape}: streams and top frames."
            ) from None
        if array.dtype.kind not in "biuf":
            raise BabbleError(f"The channel {name} holds what is no number; give numbers.")
        if name != UNTIL_END and not np.isin(array, (0, 1)).all():
            raise BabbleError(f"The channel {name} holds other values than 0 and 1; give these.")
        return array

    def _say(
        self, b: int, state: UtteranceState, stream: SpokenStream, first: int, rows: list[StreamFrame]
    ) -> tuple[np.ndarray, SpokenStream]:
        """Makes the mel of a stream's next top frames.

        Args:
          b: number of the stream.
          state: of its utterance.
          stream: what it is saying.
          first: index of the first of the top frames.
          rows: what it is told in each top frame.

        Returns:
          [N, M] natural logarithm of magnitudes, and what it is saying afterwards.
        """
        mel = np.full((len(rows), self._bands), LOWEST, np.float32)
        release = round(RELEASE * self.sample_rate)
        unread: list[
            tuple[int, int, float]
        ] = []  # place in the block, index in the utterance, share of the level

        def read(stream: SpokenStream) -> SpokenStream:
            """Reads the mel of what was said since the last call, and drops the frames that are needed no more."""
            if not unread:
                return stream
            places, indices, shares = zip(*unread, strict=True)
            unread.clear()
            held = self._held(stream)
            values = upsample_mel(held, self.voice.config.frame_middles(indices[0], len(indices)))
            mel[[*places]] = LOWEST + (values - LOWEST) * np.array(shares, np.float32)[:, None]
            rest = held.drop(indices[-1] + 1)
            return stream._replace(mel=rest.frames, first=rest.first)

        for n, now in enumerate(rows):
            state = self._control.follow(state, bool(now.active), self.frame)
            since = state.since_stop or 0
            if state.since_onset is None or since >= release:
                if not (first + n) % self._pace:
                    stream = self._draw_word(b, stream)
                continue
            if state.since_onset == self.frame:  # an utterance begins
                stream = read(stream)._replace(phrase=None, mel=mel[:0], first=0)
            index = state.since_onset // self.frame - 1
            while self._held(stream).samples < (index + 1) * self.frame:
                stream = self._advance(b, stream, index, now)
            stream = self._work_ahead(b, stream, index, now)
            unread.append((n, index, 1 - since / release))
        return mel, read(stream)

    def _held(self, stream: SpokenStream) -> MelStream:
        return MelStream(self.voice.config, stream.mel, stream.first)

    def _work_ahead(self, b: int, stream: SpokenStream, index: int, now: StreamFrame) -> SpokenStream:
        """Makes a step, or draws a word of the next phrase, every 10 ms, so that no block has much to do at once.

        Args:
          b: number of the stream.
          stream: what it is saying.
          index: of the top frame, from the onset of the utterance.
          now: what it is told.
        """
        if index % self._pace:
            return stream
        held = self._held(stream)
        if held.count * held.config.hop - (index + 1) * self.frame < _AHEAD * self.sample_rate:
            return self._advance(b, stream, index, now)
        return self._draw_word(b, stream)

    def _draw_word(self, b: int, stream: SpokenStream) -> SpokenStream:
        """Draws a word of the next phrase of stream `b`, if one is left to be drawn."""
        number, words = stream.phrases, stream.words
        if len(words) == self._phrases[b].draw_length(number):
            return stream
        word = self._phrases[b].draw_word(number, len(words), self.prosody.entropy)
        return stream._replace(words=(*words, word))

    def _advance(self, b: int, stream: SpokenStream, index: int, now: StreamFrame) -> SpokenStream:
        """Makes a step of a stream's phrase, and begins one where there is none; see `_work_ahead`."""
        phrase = stream.phrase
        if phrase is None:
            held = self._held(stream)
            ahead = (held.count * held.config.hop - index * self.frame) / self.sample_rate
            now = now._replace(until_end=now.until_end - ahead, time=now.time + ahead)
            phrase = self._begin(b, stream, now)
            stream = stream._replace(phrases=stream.phrases + 1, words=())
        phrase, frames = self.voice.streaming.advance(phrase)
        phrase = None if self.voice.streaming.ended(phrase) else phrase
        return stream._replace(phrase=phrase, mel=np.concatenate([stream.mel, frames]))

    def _begin(self, b: int, stream: SpokenStream, now: StreamFrame) -> PhraseState:
        """Begins the next phrase of stream `b`."""
        voice = self.voice
        plan = self._phrases[b].plan(stream.phrases, stream.words, now, self.prosody)
        taken = voice.synthesizer.config.inputs
        prosody = {name: values for name, values in plan.channels.items() if name in taken.prosody}
        language = self._language if taken.languages else None
        inputs = voice.synthesizer.inputs(plan.phones, prosody, self._speaker, language)
        seconds = voice.streaming.step_seconds
        bounds = PhraseBounds(
            math.ceil((_SLOWER * plan.seconds + _MORE) / seconds),
            math.ceil(LONGEST_LEAD / seconds),
            math.ceil(self._pause / seconds),
        )
        with np.errstate(over="ignore"):  # hashes wrap around
            key = fold_in(self._words[b], stream.phrases)
        return voice.streaming.begin(inputs, key, bounds)


def _sound(prosody: Prosody) -> Prosody:
    """Returns what of a prosody acts on the sound of the vocoder."""
    return Prosody(level=prosody.level, effort=prosody.effort)
