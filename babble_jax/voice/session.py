"""A voice in time: conditioning is pushed frame by frame, and sound comes out block by block.

Axes: B streams, T samples, N top frames.
"""

import copy
import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.arguments import check_arguments
from babble_jax.audio.emphasis import deemphasis_sections, emphasize
from babble_jax.audio.filters import Bandpass, BandpassStates
from babble_jax.audio.tilt_changes import TiltSetting, TiltSettings, change_tilt, tilt_block
from babble_jax.audio.units import HOP
from babble_jax.errors import BabbleError
from babble_jax.numerics import fixed_numerics
from babble_jax.voice.block_sampler import BlockSampler, SamplerName
from babble_jax.voice.conditioning import activity
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody, check_live, check_prosody
from babble_jax.voice.conditioning.unit_stream import UnitStream
from babble_jax.voice.conditioning.utterance import UtteranceControl, UtteranceState
from babble_jax.voice.config import MEL, UNIT_CHANNELS
from babble_jax.voice.contract import ModelState
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.voice import Voice

ACTIVE, END = activity.FEATURES[0], activity.FEATURES[2]
UNIT, PITCH = UNIT_CHANNELS[:2]


class SessionState(NamedTuple):
    """All that changes in a session: a value, which nothing changes in place.

    Attributes:
      model: state of the sample model.
      position: samples drawn so far, those of a prompt included.
      bandpass: state of the filter.
      utterances: [B] states of the utterances.
      ahead: [B, n] float32, samples that are drawn and not yet given, n < frame.
      prosody: how the streams speak.
      tilt: settings of the filter of effort and level, and its state.
    """

    model: ModelState
    position: int
    bandpass: BandpassStates
    utterances: tuple[UtteranceState, ...]
    ahead: np.ndarray
    prosody: Prosody
    tilt: TiltSettings


class LiveSession(Protocol):
    """A session of a voice of any kind, told by named channels when to speak; see `VoiceSession`.

    Attributes:
      state: all that changes: a value, to which a session goes back when it is set.
    """

    state: Any

    @property
    def sample_rate(self) -> int: ...  # noqa: D102 (documented in `VoiceSession`)

    @property
    def frame(self) -> int: ...  # noqa: D102

    @property
    def channels(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def prosody(self) -> Prosody: ...  # noqa: D102

    def set_prosody(self, prosody: Prosody) -> None: ...  # noqa: D102

    def branch(self) -> "LiveSession": ...  # noqa: D102

    def next_frames(self, samples: int) -> tuple[int, int]: ...  # noqa: D102

    def state_at(self, position: int, draws: int = 0) -> Any: ...  # noqa: D102

    def draws(self, state: Any) -> int: ...  # noqa: D102

    def position(self, state: Any) -> int: ...  # noqa: D102

    def step(self, channels: Mapping[str, Any], samples: int) -> np.ndarray: ...  # noqa: D102


class VoiceSession:
    """Lets B streams of a voice speak in time.

    What changes is in `state`, a value: to go back, set it to an earlier one; to try a future, `branch`. How the
    streams speak is in it, too: `set_prosody` changes that from the next top frame on.

    Channels are pushed by name, those in `channels`. There are two ways. Who knows when an utterance ends pushes
    all channels of the voice (`stream_features.conditioning` gives them). Who does not, live, pushes `active` alone:
    the session then fills in the other channels, runs the voice's release when `active` falls, is silent within 0.1 s,
    and stays silent until it rises. Any other channel that is pushed takes the place of the one that is filled in. A
    vocoder takes `mel` and says what it contains; `active` beside it gates the sound and is no channel of the voice.

    Args:
      voice: the voice.
      keys: [B] PRNG keys, one per stream; a stream depends on its own key alone. They are not consumed.
      sampling: temperature and top k; None for those of the voice.
      speaker: [B] indices, for a voice with speakers.
      sampler: "compiled" by XLA, "native" on the CPU with float32 or "int8" weights, or "auto"
        (`block_sampler.resolve_sampler`).
      prosody: how all streams speak at first, see `set_prosody`.

    Attributes:
      voice: the voice.
      state: all that changes.

    Raises:
      BabbleError: a sampler that does not support the voice or the CPU, or a prosody that the voice knows nothing of,
        or that needs the length of an utterance.
    """

    @fixed_numerics()
    def __init__(
        self,
        voice: Voice,
        keys: jax.Array,
        sampling: Sampling | None = None,
        speaker: np.ndarray | None = None,
        sampler: SamplerName = "auto",
        prosody: Prosody = NEUTRAL,
    ):
        check_prosody(voice, prosody)
        check_live(prosody)
        config, count = voice.config, len(keys)
        self.voice = voice
        self._sampler = BlockSampler(
            voice, keys, voice.sampling() if sampling is None else sampling, speaker, sampler
        )
        speakers = np.zeros(count, int) if speaker is None else np.asarray(speaker)
        bandwidth = config.bandwidth or (np.inf,) * max(1, len(config.speakers))
        further = deemphasis_sections(config.emphasis) if config.emphasis else None
        self._bandpass = Bandpass([bandwidth[s] for s in speakers], config.sample_rate, further)
        self._amplitudes = config.amplitudes()
        unit_streams: list[UnitStream | None] = [None] * count
        if voice.unit_models is not None:
            words = np.asarray(jax.random.key_data(keys)).reshape(count, -1).tolist()
            unit_streams = [
                UnitStream(voice.unit_models.unit_lms[s], key, voice.prosody_response(s))
                for s, key in zip(speakers.tolist(), words, strict=True)
            ]
        self._controls = [UtteranceControl(config, units) for units in unit_streams]
        self._start = self._sampler.initial_state()
        self.state = self._silence(0, 0, prosody)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels that the session takes; `active` among them, whatever the voice."""
        channels = self.voice.config.channels
        return channels if ACTIVE in channels else (*channels, ACTIVE)

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.voice.config.sample_rate

    @property
    def frame(self) -> int:
        """Samples of a top frame, for which a channel holds one value."""
        return self.voice.config.sample_model.frame

    @property
    def prosody(self) -> Prosody:
        """Prosody of all streams."""
        return self.state.prosody

    @check_arguments
    def set_prosody(self, prosody: Prosody) -> None:
        """Changes how all streams speak, from the next top frame on, in which `step` begins to draw.

        Pitch, its range and the rate act on the running sound, entropy on the next one; level and effort fade in over
        20 ms. Channels that are pushed are taken as they are, and level and effort act on any sound. A neutral prosody
        gives the sound of a session without one, to the bit.

        Args:
          prosody: in place of the present one, without final and contour.

        Raises:
          BabbleError: a prosody that the voice knows nothing of, or that needs the length of an utterance; the session
            speaks on as before.
        """
        check_prosody(self.voice, prosody)
        check_live(prosody)
        tilt = change_tilt(self.state.tilt, prosody.effort, prosody.level)
        self.state = self.state._replace(prosody=prosody, tilt=tilt)

    def branch(self) -> "VoiceSession":
        """Makes a session that goes on from here apart from this one; it shares the voice."""
        return copy.copy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> "VoiceSession":
        return self.branch()

    def state_at(self, position: int, draws: int = 0) -> SessionState:
        """Makes a state in silence, as at the start, at another sample, with the present prosody.

        Args:
          position: of the sample, a multiple of the top frame.
          draws: runs of units that count as drawn.
        """
        return self._silence(position, draws, self.state.prosody)

    def _silence(self, position: int, draws: int, prosody: Prosody) -> SessionState:
        """Makes a state as `state_at` does, with a prosody."""
        utterances, units = [], round(position / (HOP * self.voice.config.sample_rate))
        for control in self._controls:
            state = control.initial_state()
            runs = None if state.units is None else state.units._replace(draws=draws)
            utterances.append(state._replace(unit_frames=units, units=runs))
        none = np.zeros((len(self._controls), 0), np.float32)
        tilt = (TiltSetting(prosody.effort, prosody.level),)
        return SessionState(self._start, position, (), tuple(utterances), none, prosody, tilt)

    @staticmethod
    def draws(state: SessionState) -> int:
        """Returns the number of runs of units that the first stream of a state has drawn."""
        units = state.utterances[0].units
        return 0 if units is None else units.draws

    @staticmethod
    def position(state: SessionState) -> int:
        """Returns the number of samples that were drawn up to a state."""
        return state.position

    def next_frames(self, samples: int) -> tuple[int, int]:
        """Returns the first top frame that the next step of so many samples draws from, and their number N.

        They are what `step` takes arrays of channels for. The first is the running frame where it is not complete.
        """
        first = self.state.position // self.frame
        needed = max(0, samples - self.state.ahead.shape[1])
        return first, -(-(self.state.position + needed) // self.frame) - first if needed else 0

    @fixed_numerics()
    def read_prompt(self, prompt: np.ndarray, channels: Mapping[str, Any]) -> None:
        """Lets the streams go on from a prompt.

        Args:
          prompt: [B, T] float32 in [-1, 1] at the voice's rate and the level of its recordings.
          channels: all of the voice, [B, N] each or one value for all, N = T / frame rounded up.

        Raises:
          BabbleError: the session has begun, or takes no such channel.
        """
        if self.state.position:
            raise BabbleError("A session takes a prompt before its first step only; open another one.")
        config, length = self.voice.config, prompt.shape[1]
        self._check(channels)
        codes = config.encode_amplitudes(jnp.asarray(prompt) * config.gain)
        arrays = self._arrays(channels, -(-length // self.frame))
        audio, bandpass = self._bandpass(np.asarray(emphasize(jnp.asarray(prompt), config.emphasis)))
        _, tilt = tilt_block(audio, self.state.tilt, config.sample_rate)
        self.state = self.state._replace(
            model=self._sampler.read_prompt(self.state.model, codes, self._rows(arrays)),
            position=length,
            bandpass=bandpass,
            tilt=tilt,
        )

    @fixed_numerics()
    def step(self, channels: Mapping[str, Any], samples: int) -> np.ndarray:
        """Makes the next block of sound.

        Args:
          channels: values by name: one for all streams and frames, or arrays that broadcast to [B, N], N as
            `next_frames` gives it. Units of the channels: `active` 0 or 1; `unit` in [0, units); `pitch` octaves above
            the speaker's median, NaN where it is unvoiced; `rms_db` dB of full scale; `mel` natural logarithms of
            magnitudes, with an axis of M bands more ([B, N, M]; `conditioning.mel` makes them of frames of mel).
          samples: length of the block. It draws complete top frames and holds what is left for the next step; a change
            of a channel thus acts from the next top frame on.

        Returns:
          [B, samples] float32 in [-1, 1].

        Raises:
          BabbleError: a channel that the voice does not know, one that is missing, or values that it cannot have.
        """
        self._check(channels)
        if samples < 0:
            raise BabbleError(f"A block has 0 samples or more, not {samples}.")
        state, frame = self.state, self.frame
        first, frames = self.next_frames(samples)
        if not frames:
            self.state = state._replace(ahead=state.ahead[:, samples:])
            return state.ahead[:, :samples]
        arrays, live = self._arrays(channels, frames), None
        if ACTIVE in channels and END not in channels:
            live = self._speak_live(arrays[ACTIVE] != 0, first)
            arrays = live.channels | {name: values for name, values in arrays.items() if name != ACTIVE}
        rows = self._rows(arrays)
        restarts = np.zeros((1, frames), bool) if live is None else live.restarts
        edges = [0, *(np.flatnonzero(restarts[:, 1:].any(axis=0)) + 1).tolist(), frames]
        model, position, blocks = state.model, state.position, []
        for begin, end in itertools.pairwise(edges):
            if restarts[:, begin].any():
                model = self._sampler.restart(model, restarts[:, begin])
            length = (first + end) * frame - position
            part = None if rows is None else rows[:, begin:end]
            codes, model = self._sampler.draw(model, position, length, part)
            position += length
            blocks.append(codes)
        codes = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
        audio, bandpass = self._bandpass(self._amplitudes[codes], state.bandpass)
        audio, tilt = tilt_block(audio, state.tilt, self.sample_rate)
        utterances = state.utterances
        if live is not None:
            audio, utterances = audio * live.gain, live.utterances
        ready = np.concatenate([state.ahead, audio], axis=1) if state.ahead.shape[1] else audio
        self.state = SessionState(
            model, position, bandpass, utterances, ready[:, samples:], state.prosody, tilt
        )
        return ready[:, :samples]

    def _check(self, channels: Mapping[str, Any]) -> None:
        if unknown := [name for name in channels if name not in self.channels]:
            raise BabbleError(
                f"The voice {self.voice.name} does not know the channel {', '.join(unknown)}; "
                f"it takes {', '.join(self.channels)}."
            )

    def _arrays(self, channels: Mapping[str, Any], frames: int) -> dict[str, np.ndarray]:
        """Repeats values to [B, N]; raises `BabbleError` for those that a channel cannot have."""
        config, units = self.voice.config, self.voice.config.units
        arrays = {}
        for name, values in channels.items():
            shape, axes = (len(self._controls), frames), "streams and top frames"
            if name == MEL and config.mel is not None:
                shape, axes = (*shape, config.mel.bands), "streams, top frames and bands"
            try:
                arrays[name] = np.broadcast_to(np.asarray(values), shape)
            except ValueError:
                raise BabbleError(
                    f"The channel {name} holds {np.shape(values)} values; give one, or an array that broadcasts to "
                    f"{shape}: {axes}."
                ) from None
            array = arrays[name]
            if array.dtype.kind not in "biuf" or (name != PITCH and not np.isfinite(array).all()):
                raise BabbleError(f"The channel {name} holds what is no number; give numbers.")
            if name == ACTIVE and not np.isin(array, (0, 1)).all():
                raise BabbleError(f"The channel {name} holds other values than 0 and 1; give these.")
            if name == UNIT and not np.isin(array, np.arange(units)).all():
                raise BabbleError(
                    f"The channel {name} holds no unit of this voice; give integers from 0 to {units - 1}."
                )
        return arrays

    def _rows(self, arrays: dict[str, np.ndarray]) -> np.ndarray | None:
        """Packs channels [B, N] into the features of the model; None for a voice without features."""
        config = self.voice.config
        if missing := [name for name in config.channels if name not in arrays]:
            raise BabbleError(
                f"The voice {self.voice.name} also takes the channel {', '.join(missing)}; push it"
                + ("." if MEL in missing else f", or push {ACTIVE} without {END}.")
            )
        return config.rows(arrays) if config.channels else None

    def _speak_live(self, active: np.ndarray, first: int) -> "_LiveBlock":
        """Fills in what belongs to top frames of which only activity is known.

        Args:
          active: [B, N] bool.
          first: index of the first top frame.
        """
        names = [name for name in self.voice.config.channels if name != MEL]
        values, gains, restarts, states = [], [], [], []
        for control, state, stream in zip(self._controls, self.state.utterances, active, strict=True):
            position, frames = self.state.position, []
            for n, now in enumerate(stream.tolist(), first + 1):
                length = n * self.frame - position
                live, state = control.push(state, now, position, length, self.state.prosody)
                frames.append(live)
                position += length
            values.append([[live.channels[name] for name in names] for live in frames])
            gains.append(np.concatenate([live.gain for live in frames]))
            restarts.append([live.restarts for live in frames])
            states.append(state)
        arrays = np.array(values, np.float64).reshape(*active.shape, len(names))
        channels = {name: arrays[..., c] for c, name in enumerate(names)}
        return _LiveBlock(channels, np.stack(gains), np.array(restarts), tuple(states))


class _LiveBlock(NamedTuple):
    """Top frames of live streams: channels [B, N] each, gain [B, T], restarts [B, N] bool; the states after them."""

    channels: dict[str, np.ndarray]
    gain: np.ndarray
    restarts: np.ndarray
    utterances: tuple[UtteranceState, ...]
