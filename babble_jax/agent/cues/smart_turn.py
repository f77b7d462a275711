"""Asks Smart Turn v3.2 once in each silence of the user whether their turn is complete.

Smart Turn (BSD 2-clause, the authors of pipecat) is a small network on the encoder of Whisper, an ONNX file of 8.7 MB,
which is no part of this package: the user brings it (`docs/howto/cues.md`). Its probability is taken as a score, of
which a calibration makes a likelihood ratio, never as a decision.

Axes: T = 128,000 samples (8 s at 16 kHz), F = 800 frames of 10 ms, M = 80 mel bands.
"""

import concurrent.futures
import functools
import hashlib
import importlib
import os
from typing import Any, NamedTuple

import librosa
import numpy as np

from babble_jax import input_files
from babble_jax.agent.cues.cue import RATE, Calibration
from babble_jax.errors import BabbleError

SHA256 = "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"
"""Digest of smart-turn-v3.2-cpu.onnx."""
SAMPLES = 8 * RATE
"""Samples that the network takes."""
TRIGGER_SECONDS = 0.2
"""Length of the silence at which the network is asked."""
WAIT_SECONDS = 0.1
"""Seconds of sound after which its answer counts; one that is not there by then is dropped."""
CALIBRATION = Calibration(slope=0.32, offsets=(0.29,))
"""Of its score at 0.2 s of silence, on 123 silences of two service calls (`experiments/timing/cues_on_calls.py`)."""
_WINDOW, _HOP, _MELS = 400, 160, 80
_LOWEST_POWER = 1e-10
_MOST_SCORE = 6.0  # nats: probabilities nearer to 0 and 1 say no more
_MAX_BYTES = 64 * 1024**2


def log_mel(audio: np.ndarray) -> np.ndarray:
    """Computes the log-mel spectrogram that Whisper takes, of sound of mean 0 and variance 1.

    Args:
      audio: [T] float at 16 kHz.

    Returns:
      [M, F] float32, about from -1 to 1.

    References:
      Radford et al. 2022 (arXiv 2212.04356), section 2.2; the authors' `log_mel_spectrogram`.
    """
    audio = np.asarray(audio, np.float32)
    audio = (audio - audio.mean()) / np.sqrt(audio.var() + np.float32(1e-7))
    padded = np.pad(audio.astype(np.float64), _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:-1:_HOP][: len(audio) // _HOP]
    window, filters = _transform()
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    mel = np.log10(np.maximum(power @ filters, _LOWEST_POWER))
    return ((np.maximum(mel, mel.max() - 8.0) + 4.0) / 4.0).T.astype(np.float32)


@functools.cache
def _transform() -> tuple[np.ndarray, np.ndarray]:
    filters = librosa.filters.mel(sr=RATE, n_fft=_WINDOW, n_mels=_MELS, dtype=np.float64)
    return np.hanning(_WINDOW + 1)[:-1], filters.T


class SmartTurnModel:
    """The network, opened from its file.

    Args:
      path: of smart-turn-v3.2-cpu.onnx.

    Raises:
      BabbleError: it is another file, or onnxruntime is missing.
    """

    def __init__(self, path: str | os.PathLike):
        content = input_files.read_bytes(path, _MAX_BYTES)
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise BabbleError(
                f"{os.fspath(path)}: is not smart-turn-v3.2-cpu.onnx (its SHA-256 begins with {SHA256[:12]}); "
                "take the file from a wheel of pipecat-ai that holds this version."
            )
        try:
            onnxruntime = importlib.import_module("onnxruntime")  # not everybody has it
        except ImportError:
            raise BabbleError(
                "The cue smart-turn needs onnxruntime; install it with `pip install 'babble_jax[cue]'`."
            ) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def probability(self, audio: np.ndarray) -> float:
        """Computes the probability that the turn is complete after the last 8 s of sound: [T] at 16 kHz."""
        (output,) = self._session.run(None, {"input_features": log_mel(audio)[None]})[:1]
        return float(np.asarray(output).reshape(-1)[0])


def score(probability: float) -> float:
    """Makes a score of a probability: its log-odds, at most 6 in size."""
    p = min(max(probability, 1e-9), 1 - 1e-9)
    return float(np.clip(np.log(p / (1 - p)), -_MOST_SCORE, _MOST_SCORE))


class SmartTurnState(NamedTuple):
    """All that changes in the cue: a value.

    Attributes:
      audio: [T] the last 8 s of the user.
      question: [T] the sound of the question that is open or was answered in this silence; None without one.
      question_time: seconds of silence at the question.
      answer: score; None while there is none.
      dropped: whether the answer came too late.
    """

    audio: np.ndarray
    question: np.ndarray | None = None
    question_time: float = 0.0
    answer: float | None = None
    dropped: bool = False


class SmartTurnCue:
    """Computes Smart Turn's answer beside the audio, in a thread of its own.

    The answer counts from a fixed moment of the silence on, `trigger` + `wait`, so that decisions do not depend on how
    fast the machine was, unless an answer is late. It is biased on babble: a seat that hears babble has no cue.

    Args:
      model: the network.
      calibration: of its score.
      trigger: seconds of silence at which it is asked.
      wait: seconds of sound after which the answer counts.
      offline: wait for every answer, where sound does not come in real time.

    Attributes:
      state: all that changes.
      late: answers that were dropped.
    """

    name = "smart-turn"

    def __init__(
        self,
        model: SmartTurnModel,
        calibration: Calibration | None = None,
        *,
        trigger: float = TRIGGER_SECONDS,
        wait: float = WAIT_SECONDS,
        offline: bool = False,
    ):
        self._model, self._calibration = model, CALIBRATION if calibration is None else calibration
        self._trigger, self._wait, self._offline = trigger, wait, offline
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "smart-turn")
        self._future: tuple[np.ndarray, concurrent.futures.Future[float]] | None = None
        self.state = SmartTurnState(np.zeros(SAMPLES, np.float32))
        self.late = 0

    def push(self, user: np.ndarray) -> None:
        """Takes the next sound of the user: [T'] float at 16 kHz."""
        user = np.nan_to_num(np.asarray(user, np.float32), nan=0.0, posinf=1.0, neginf=-1.0).clip(-1.0, 1.0)
        audio = np.concatenate([self.state.audio[min(len(user), SAMPLES) :], user[-SAMPLES:]])
        self.state = self.state._replace(audio=audio)

    def log_odds(self, silence: float) -> float | None:
        """Returns the log of the likelihood ratio; None before the answer counts, and where it was late.

        Args:
          silence: seconds since the user fell silent.
        """
        now = self.state
        if not np.isfinite(silence) or silence < self._trigger - 1e-9:
            if now.question is not None:
                self.state = SmartTurnState(now.audio)
            return None
        if now.question is None:
            self.state = now._replace(question=now.audio, question_time=silence)
            self._submit(now.audio)
            return None
        if silence < now.question_time + self._wait - 1e-9 or now.dropped:
            return None
        if now.answer is None:
            future = self._submit(now.question)
            if not (self._offline or future.done()):
                self.late += 1
                self.state = now._replace(dropped=True)
                return None
            self.state = now = now._replace(answer=score(future.result()))
        assert now.answer is not None
        return self._calibration.log_odds(now.answer, silence)

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _submit(self, audio: np.ndarray) -> "concurrent.futures.Future[float]":
        """Begins to compute the answer to a question, unless it is being computed: after a restore it may not be."""
        if self._future is None or self._future[0] is not audio:
            self._future = audio, self._thread.submit(self._model.probability, audio)
        return self._future[1]

    def __deepcopy__(self, memo: dict[int, Any]) -> "SmartTurnCue":
        twin = SmartTurnCue(
            self._model, self._calibration, trigger=self._trigger, wait=self._wait, offline=self._offline
        )
        twin.state = self.state
        return twin
