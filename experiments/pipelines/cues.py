"""The kind of experiment that hears real calls through a cue: streamed through the engine, and computed offline.

Axes: T samples at 16 kHz, N silences.
"""

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from babble_jax.agent.cues import network, smart_turn
from babble_jax.agent.cues.cue import RATE, Calibration, Cue, fit_calibration
from babble_jax.agent.cues.ear_cue import EarCue
from babble_jax.agent.cues.fit import area_under_curve, find_recordings, fit_cue, read_conversation
from babble_jax.agent.cues.network import HOP, CueNetwork, NetworkCue
from babble_jax.agent.cues.settings import CueFitConfig
from babble_jax.agent.cues.silences import Silences
from babble_jax.agent.cues.smart_turn import SmartTurnCue, SmartTurnModel
from babble_jax.agent.engine import Engine
from babble_jax.agent.hearing.perception import Perception
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.audio.resampling import StreamResampler
from babble_jax.audio.sound_file import SoundFile
from babble_jax.ear.ear import Ear
from babble_jax.errors import BabbleError
from babble_jax.pretrained.ear import load_ear
from babble_jax.timing.floor.controls import SilentPlayer

QUESTION_TIME = 0.2  # seconds of silence
CUT_SHARE = 0.2  # of the pauses within turns that are cut into where waits are compared
PLAIN = Calibration(slope=1.0)
"""With it the log-odds of an ear's cue are its score, but for its largest size."""
_DRAWS = 1000
_TIMES = np.arange(0.2, 4.01, 0.02)


class _Call(NamedTuple):
    name: str
    audio: np.ndarray  # [T, 2]
    silences: Silences


class _Trials(NamedTuple):
    """Silences of at least `QUESTION_TIME`, pooled over calls."""

    call: np.ndarray  # [N]
    over: np.ndarray  # [N]
    length: np.ndarray  # [N] seconds
    score: np.ndarray  # [N]


@dataclasses.dataclass(frozen=True)
class CueExperiment:
    """Compares what an engine is told by a cue with the offline computation, and prints how well cues tell turns apart.

    Attributes:
      recordings: folder in `BABBLE_CORPORA` of calls with a speaker on each channel.
      seconds: of each call that are streamed through the engine.
      ear: name or folder of an ear of direction forward, whose cue is tried, too; none where empty.
    """

    recordings: str
    seconds: float
    ear: str = ""

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Streams and measures; no sound is stored.

        Args:
          work: unused.
          results: unused.

        Raises:
          BabbleError: `BABBLE_CORPORA` or `BABBLE_CUE_MODEL` is not set.
        """
        del work, results
        folder, model_path = os.environ.get("BABBLE_CORPORA"), os.environ.get("BABBLE_CUE_MODEL")
        if not folder or not model_path:
            raise BabbleError(
                "Set BABBLE_CORPORA to the folder that holds the recordings, and BABBLE_CUE_MODEL to the file of Smart "
                "Turn."
            )
        model = SmartTurnModel(model_path)
        paths = find_recordings([Path(folder) / self.recordings])
        conversations = [read_conversation(path) for path in paths]
        calls = [
            _Call(one.name, _read(path), one.silences) for path, one in zip(paths, conversations, strict=True)
        ]
        fitted = fit_cue(conversations, CueFitConfig())
        held_out = [fit_cue_without(conversations, k) for k in range(len(conversations))]
        ear = load_ear(self.ear) if self.ear else None
        trials = {
            "smart-turn": _collect(calls, lambda call, audio, stop: _smart_turn_score(model, audio, stop)),
            "network": _collect(calls, lambda call, audio, stop: _network_score(held_out[call], audio, stop)),
        }
        by_ear = {}
        if ear is not None:
            own = _collect(calls, lambda call, audio, stop: _ear_score(ear, audio, stop))
            by_ear["ear"] = (
                self._streamed(calls, lambda: EarCue(ear, PLAIN), _offline_ear(ear))
                | _summary(own)
                | {
                    "calibration": _calibration(own),
                    "milliseconds": _milliseconds(lambda: _ear_score(ear, calls[0].audio[:, 0], 10 * RATE)),
                }
            )
        return {
            "calls": len(calls),
            "seconds": float(sum(len(call.audio) for call in calls) / RATE),
            "cues": {
                "smart-turn": self._streamed(
                    calls, lambda: SmartTurnCue(model, offline=True), _offline_smart_turn(model)
                )
                | _summary(trials["smart-turn"])
                | {"milliseconds": _milliseconds(lambda: model.probability(calls[0].audio[: 8 * RATE, 0]))},
                "network": self._streamed(calls, lambda: NetworkCue(fitted), _offline_network(fitted))
                | _summary(trials["network"])
                | {"milliseconds": _network_milliseconds(fitted, calls[0].audio[: 10 * RATE, 0])},
                **by_ear,
            },
            "time_alone": _wait(
                trials["smart-turn"]._replace(score=np.zeros(len(trials["smart-turn"].over)))
            ),
            "smart_turn_calibration": _calibration(trials["smart-turn"]),
        }

    def _streamed(
        self,
        calls: list[_Call],
        make: Callable[[], Cue],
        offline: Callable[[np.ndarray, int, int, float], float],
    ) -> dict[str, Any]:
        """Streams both speakers of the calls through engines, and compares each answer with the offline computation."""
        answers, largest = 0, 0.0
        for call in calls:
            for speaker in (0, 1):
                audio = call.audio[: round(self.seconds * RATE), speaker]
                engine = Engine(SilentPlayer(), ClickVoice(RATE), Perception(), cue=make())
                for block in audio[: len(audio) // HOP * HOP].reshape(-1, HOP):
                    engine.step(block)
                ended = 0
                for hop in engine.drain():
                    for event in hop.events:
                        if event["event"] == "user ended":
                            ended = event["sample"]
                        if event["event"] == "cue" and event["log_odds"]:
                            stop = ended + round(event["silence"] * RATE)
                            answers += 1
                            value = offline(audio, ended, stop, event["silence"])
                            largest = max(largest, abs(value - event["log_odds"]))
        return {"streamed_answers": answers, "largest_difference": largest}


def fit_cue_without(conversations: list[Any], k: int) -> CueNetwork:
    """Fits a network on all conversations but number `k`; a single one is given twice, since a fit holds one out."""
    rest = [one for i, one in enumerate(conversations) if i != k]
    return fit_cue(rest if len(rest) > 1 else rest * 2, CueFitConfig(epochs=6))


def _read(path: Path) -> np.ndarray:
    file = SoundFile(path)
    resampler = StreamResampler(file.rate, RATE, file.channels)
    blocks = (*(resampler.push(block) for block in file.blocks()), resampler.finish())
    return np.concatenate(blocks).clip(-1.0, 1.0)  # as the engine does


def _collect(calls: list[_Call], compute: Callable[[int, np.ndarray, int], float]) -> _Trials:
    rows = []
    for k, call in enumerate(calls):
        for speaker, onset, end, over in zip(*call.silences, strict=True):
            if end - onset >= QUESTION_TIME:
                stop = round((onset + QUESTION_TIME) * RATE)
                rows.append((k, over, end - onset, compute(k, call.audio[:, speaker], stop)))
    call, over, length, score = (np.array(column) for column in zip(*rows, strict=True))
    return _Trials(call, over.astype(bool), length, score)


def _last(audio: np.ndarray, stop: int) -> np.ndarray:
    """Takes the 8 s up to a sample, with zeros before the recording."""
    return np.pad(audio[max(0, stop - smart_turn.SAMPLES) : stop], (max(0, smart_turn.SAMPLES - stop), 0))


def _smart_turn_score(model: SmartTurnModel, audio: np.ndarray, stop: int) -> float:
    return smart_turn.score(model.probability(_last(audio, stop)))


def _network_scores(cue: CueNetwork, audio: np.ndarray) -> np.ndarray:
    frames, hidden, scores = network.initial_frames(), np.zeros(cue.units, np.float32), []
    for hop in audio[: len(audio) // HOP * HOP].reshape(-1, HOP):
        frames, frame = network.compute_frame(frames, hop)
        hidden, score = cue.step(hidden, frame)
        scores.append(score)
    return np.array(scores)


def _network_score(cue: CueNetwork, audio: np.ndarray, stop: int) -> float:
    return float(_network_scores(cue, audio[max(0, stop - 12 * RATE) : stop])[-1])


def _ear_score(ear: Ear, audio: np.ndarray, stop: int) -> float:
    """Computes the lengthening that the ear hears in the 20 s up to a sample; 0, which says nothing, without phones."""
    cue = EarCue(ear, PLAIN)
    cue.push(audio[max(0, stop - 20 * RATE) : stop])
    return cue.log_odds(max(QUESTION_TIME, cue.least)) or 0.0


def _offline_ear(ear: Ear) -> Callable[[np.ndarray, int, int, float], float]:
    def compute(audio: np.ndarray, ended: int, stop: int, silence: float) -> float:
        del ended
        cue = EarCue(ear, PLAIN)
        cue.push(audio[: stop - HOP])
        return cue.log_odds(silence) or 0.0

    return compute


def _offline_smart_turn(model: SmartTurnModel) -> Callable[[np.ndarray, int, int, float], float]:
    def compute(audio: np.ndarray, ended: int, stop: int, silence: float) -> float:
        del stop
        question = ended + round((smart_turn.TRIGGER_SECONDS - 0.02) * RATE)
        return smart_turn.CALIBRATION.log_odds(_smart_turn_score(model, audio, question), silence)

    return compute


def _offline_network(cue: CueNetwork) -> Callable[[np.ndarray, int, int, float], float]:
    last: list[np.ndarray] = []  # a recording and its scores

    def compute(audio: np.ndarray, ended: int, stop: int, silence: float) -> float:
        del ended
        if not last or last[0] is not audio:
            last[:] = [audio, _network_scores(cue, audio)]
        return cue.calibration.log_odds(float(last[1][stop // HOP - 2]), silence)

    return compute


def _summary(trials: _Trials) -> dict[str, Any]:
    """Computes the area under the ROC curve, pooled and within calls, and the wait, with bootstrap intervals."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(trials.over), size=len(trials.over)) for _ in range(_DRAWS)]
    areas = [area_under_curve(trials.score[i], trials.over[i]) for i in draws]
    within = [
        area_under_curve(trials.score[trials.call == k], trials.over[trials.call == k])
        for k in np.unique(trials.call)
    ]
    return {
        "silences": len(trials.over),
        "over": int(np.sum(trials.over)),
        "auc": area_under_curve(trials.score, trials.over),
        "auc_interval": [float(q) for q in np.percentile([x for x in areas if x is not None], [2.5, 97.5])],
        "auc_within_calls": within,
        **_wait(trials),
    }


def _calibration(trials: _Trials) -> dict[str, float]:
    fitted = fit_calibration(trials.score, trials.over, np.full(len(trials.over), QUESTION_TIME))
    return {"slope": fitted.slope, "offset": fitted.offsets[0]}


def _wait(trials: _Trials) -> dict[str, Any]:
    """Computes the mean wait at turns' ends where a fifth of the pauses is cut into; calibrated on the other calls."""
    rng, value = np.random.default_rng(1), _cross_fitted(trials)
    waits = [_wait_at(value, trials, np.arange(len(trials.over)))]
    for _ in range(_DRAWS // 5):
        waits.append(_wait_at(value, trials, rng.integers(len(trials.over), size=len(trials.over))))
    return {"wait": waits[0], "wait_interval": [float(q) for q in np.percentile(waits[1:], [2.5, 97.5])]}


def _cross_fitted(trials: _Trials) -> np.ndarray:
    """Computes the log-odds that the turn is over at each time of each silence, [N, times], from the other calls."""
    value = np.zeros((len(trials.over), len(_TIMES)))
    for k in np.unique(trials.call):
        own, rest = trials.call == k, trials.call != k
        slope, offset = 0.0, 0.0
        if np.any(trials.score):
            fitted = fit_calibration(
                trials.score[rest], trials.over[rest], np.full(np.sum(rest), QUESTION_TIME)
            )
            slope, offset = fitted.slope, fitted.offsets[0]
        t = np.concatenate([_TIMES[length >= _TIMES] for length in trials.length[rest]])
        over = np.concatenate(
            [
                np.full(np.sum(n >= _TIMES), o)
                for n, o in zip(trials.length[rest], trials.over[rest], strict=True)
            ]
        )
        prior = _fit_prior(np.log(t), over)
        value[own] = prior[0] + prior[1] * np.log(_TIMES) + slope * trials.score[own, None] + offset
    return value


def _fit_prior(log_time: np.ndarray, over: np.ndarray) -> np.ndarray:
    """Fits the log-odds that a turn is over by the log of the silence so far; rising, since a policy waits."""

    def loss(weights: np.ndarray) -> float:
        z = weights[0] + np.exp(weights[1]) * log_time
        return float(np.mean(np.logaddexp(0, np.where(over, -z, z))) + 1e-3 * np.sum(weights**2))

    fitted = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return np.array([fitted[0], np.exp(fitted[1])])


def _wait_at(value: np.ndarray, trials: _Trials, selection: np.ndarray) -> float:
    """Finds the threshold at which a fifth of the pauses is cut into, and the mean wait at turns' ends there."""
    value, over, length = value[selection], trials.over[selection], trials.length[selection]
    best = np.nan
    for threshold in np.sort(np.concatenate([value[~over].ravel()[::7], [np.inf]])):
        reached = value >= threshold
        first = np.where(reached.any(axis=1), _TIMES[np.argmax(reached, axis=1)], _TIMES[-1])
        if np.mean(first[~over] < length[~over]) <= CUT_SHARE:
            best = float(np.mean(first[over]))
            break
    return best


def _milliseconds(compute: Callable[[], object]) -> float:
    compute()
    start = time.process_time()
    for _ in range(10):
        compute()
    return (time.process_time() - start) * 100


def _network_milliseconds(cue: CueNetwork, audio: np.ndarray) -> float:
    """Measures the milliseconds of CPU that a hop of 20 ms takes."""
    return _milliseconds(lambda: _network_scores(cue, audio)) / (len(audio) // HOP)
