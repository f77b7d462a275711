"""A small causal network that hears whether a turn is over, trained on a laboratory's own conversations.

Each hop of 20 ms becomes a log-mel frame relative to the speaker's own level; a GRU takes frame after frame and gives a
score. `fit` trains it with Flax; here it runs in numpy, with a state that is a value.

Axes: T samples at 16 kHz, H = 320 samples of a hop, M mel bands, U units of the GRU.
"""

import functools
import json
import os
from typing import Any, NamedTuple

import librosa
import numpy as np
import safetensors
import safetensors.numpy

from babble_jax import files, input_files
from babble_jax.agent.cues.cue import RATE, Calibration
from babble_jax.errors import BabbleError
from babble_jax.input_files import parse_json

HOP = 320
"""H."""
BANDS = 40
"""M."""
MOST_SILENCE = 1.0
"""Seconds of silence that the network is trained on; later it says what it said then."""
_LEAST_SILENCE = 0.06
_WINDOW = 512  # samples up to the end of the hop
_LOWEST_DB, _RANGE_DB = -120.0, 20.0
_LEVEL_FALL = 0.01  # dB a hop by which the speaker's level sinks until they are as loud again
_MAX_BYTES = 64 * 1024**2
_KIND = "babble_jax cue"
_KERNELS = ("input", "hidden", "output")


class FrameState(NamedTuple):
    """State of the frames: a value.

    Attributes:
      audio: [512 - H] the last samples.
      level: dB of the loudest frame, slowly sinking.
    """

    audio: np.ndarray
    level: float


def initial_frames() -> FrameState:
    """Makes the state before the first hop."""
    return FrameState(np.zeros(_WINDOW - HOP, np.float32), -50.0)


def compute_frame(state: FrameState, hop: np.ndarray) -> tuple[FrameState, np.ndarray]:
    """Computes the log-mel frame of a hop.

    Args:
      state: after the hop before.
      hop: [H] float32 at 16 kHz.

    Returns:
      The state, and the frame [M] float32, from -3 to 1.
    """
    audio = np.concatenate([state.audio, hop])
    window, filters = _transform()
    power = filters @ np.square(np.abs(np.fft.rfft(audio * window)))
    decibels = 10 * np.log10(np.maximum(power, 10 ** (_LOWEST_DB / 10)))
    level = max(float(np.max(decibels)), state.level - _LEVEL_FALL, -60.0)
    frame = np.clip((decibels - level) / _RANGE_DB + 1.0, -3.0, 1.0)
    return FrameState(audio[HOP:], level), frame.astype(np.float32)


@functools.cache
def _transform() -> tuple[np.ndarray, np.ndarray]:
    window = np.hanning(_WINDOW)
    filters = librosa.filters.mel(sr=RATE, n_fft=_WINDOW, n_mels=BANDS, norm=None, dtype=np.float64)
    return window, filters * 2 / (_WINDOW * np.sum(window**2))


class CueNetwork(NamedTuple):
    """A trained network: a GRU and a linear output.

    Attributes:
      input: [M + 1, 3 U] weights of the frame and, in the last row, biases; of reset, update and candidate.
      hidden: [U + 1, 3 U] weights of the state and biases; reset and update have none here.
      output: [U + 1] weights and bias of the score.
      calibration: makes the score a likelihood ratio.
      metrics: of the fit, JSON values.
    """

    input: np.ndarray
    hidden: np.ndarray
    output: np.ndarray
    calibration: Calibration
    metrics: dict[str, Any]

    @property
    def units(self) -> int:
        """U."""
        return len(self.output) - 1

    def step(self, state: np.ndarray, frame: np.ndarray) -> tuple[np.ndarray, float]:
        """Takes a frame.

        Args:
          state: [U] float32 after the frame before.
          frame: [M].

        Returns:
          The state and the score.

        References:
          Cho et al. 2014 (arXiv 1406.1078), with the reset applied after the product, as in Flax's `GRUCell`.
        """
        units = self.units
        x = frame @ self.input[:-1] + self.input[-1]
        h = state @ self.hidden[:-1] + self.hidden[-1]
        gates = 0.5 * np.tanh(0.5 * (x[: 2 * units] + h[: 2 * units])) + 0.5
        reset, update = gates[:units], gates[units:]
        candidate = np.tanh(x[2 * units :] + reset * h[2 * units :])
        state = ((1 - update) * candidate + update * state).astype(np.float32)
        return state, float(state @ self.output[:-1] + self.output[-1])


def save_network(network: CueNetwork, path: str | os.PathLike) -> None:
    """Writes a network to a safetensors file, atomically; its calibration and metrics are in the head.

    Args:
      network: to write.
      path: of the file.

    Raises:
      BabbleError: it cannot be written.
    """
    about = {
        "kind": _KIND,
        "calibration": {
            "slope": network.calibration.slope,
            "silences": network.calibration.silences,
            "offsets": network.calibration.offsets,
        },
        "metrics": network.metrics,
    }
    arrays = {name: np.ascontiguousarray(getattr(network, name), np.float32) for name in _KERNELS}
    with files.atomic_write(path) as temporary:
        temporary.write_bytes(safetensors.numpy.save(arrays, {"babble_jax": json.dumps(about)}))


def load_network(path: str | os.PathLike) -> CueNetwork:
    """Reads a network that `save_network` wrote.

    Args:
      path: of the file.

    Raises:
      BabbleError: it is another file, or damaged.
    """
    content = input_files.read_bytes(path, _MAX_BYTES)
    try:
        arrays = safetensors.numpy.load(content)
        head = content[8 : 8 + int.from_bytes(content[:8], "little")].decode("utf-8")
        about = parse_json(parse_json(head, "its head")["__metadata__"]["babble_jax"], "its head")
        if about["kind"] != _KIND:
            raise ValueError("it is of another kind")
        values, metrics = about["calibration"], about["metrics"]
        calibration = Calibration(
            float(values["slope"]),
            tuple(float(x) for x in values["silences"]),
            tuple(float(x) for x in values["offsets"]),
        )
        taken, hidden, output = (arrays[name].astype(np.float32) for name in _KERNELS)
        network = CueNetwork(taken, hidden, output, calibration, metrics)
        units = network.units
        shapes = ((BANDS + 1, 3 * units), (units + 1, 3 * units), (units + 1,))
        for name, shape in zip(_KERNELS, shapes, strict=True):
            if arrays[name].shape != shape or not np.all(np.isfinite(arrays[name])):
                raise ValueError(f"its {name} weights have another shape, or are not finite")
        if not isinstance(metrics, dict) or units < 1:
            raise ValueError("it holds no network")
    except (
        AttributeError,
        BabbleError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
        safetensors.SafetensorError,
    ) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise BabbleError(
            f"{os.fspath(path)}: is no cue that `babble cue fit` wrote ({reason.rstrip('.')}); fit it again."
        ) from error
    return network


class NetworkCueState(NamedTuple):
    """All that changes in the cue: a value.

    Attributes:
      frames: of the frames.
      pending: samples that fill no hop yet.
      hidden: [U] of the GRU.
      newest: score of the last hop.
      score: of the last hop of at most `MOST_SILENCE` of silence.
    """

    frames: FrameState
    pending: np.ndarray
    hidden: np.ndarray
    newest: float = 0.0
    score: float = 0.0


class NetworkCue:
    """Hears the user through the network, hop by hop, and answers in every hop of a silence.

    Args:
      network: trained.

    Attributes:
      state: all that changes.
    """

    name = "network"

    def __init__(self, network: CueNetwork):
        self._network = network
        self.state = NetworkCueState(
            initial_frames(), np.zeros(0, np.float32), np.zeros(network.units, np.float32)
        )

    def push(self, user: np.ndarray) -> None:
        """Takes the next sound of the user: [T] float at 16 kHz."""
        user = np.nan_to_num(np.asarray(user, np.float32), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
        frames, pending, hidden, newest, score = self.state
        pending = np.concatenate([pending, user])
        while len(pending) >= HOP:
            frames, frame = compute_frame(frames, pending[:HOP])
            hidden, newest = self._network.step(hidden, frame)
            pending = pending[HOP:]
        self.state = NetworkCueState(frames, pending, hidden, newest, score)

    def log_odds(self, silence: float) -> float | None:
        """Returns the log of the likelihood ratio; None outside of a silence.

        Args:
          silence: seconds since the user fell silent.
        """
        if not np.isfinite(silence) or silence < _LEAST_SILENCE - 1e-9:
            return None
        if silence <= MOST_SILENCE + 1e-9:
            self.state = self.state._replace(score=self.state.newest)
        return self._network.calibration.log_odds(self.state.score, min(silence, MOST_SILENCE))
