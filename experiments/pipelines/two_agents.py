"""Lets two agents talk with each other by sound, and measures their timing beside the simulator's own.

Axes: D dialogues, T samples, N offsets.
"""

import dataclasses
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats

from babble_jax import files
from babble_jax.agent.engine import Engine
from babble_jax.agent.hearing.perception import Perception
from babble_jax.agent.make_engine import seat_delay
from babble_jax.agent.voices.session_voice import SessionVoice
from babble_jax.audio.spectrogram import plot_spectrogram
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.timing.evaluation.floor.metrics import DISTRIBUTIONS, KINDS, measure_floor
from babble_jax.timing.floor.player import FloorPlayer
from babble_jax.timing.preset import TimingPreset, load_timing
from experiments.pipelines.agent_dialogue import AgentDialogue, let_talk

BURN_IN = 20.0
"""Seconds of each dialogue that do not count, since it begins in an artificial silence."""
_REFERENCE = 600  # dialogues of the simulator that stand for its distributions
_DRAWS = 500  # of the bootstrap over dialogues
_AROUND = (-0.1, 0.5)  # seconds around an edge in which it is looked for
_LOOK = 30.0  # seconds of a spectrogram


@dataclasses.dataclass(frozen=True)
class TwoAgentsExperiment:
    """Two agents with the speakers of babblers, each of which hears the other as sound alone.

    Attributes:
      timing: name of the preset of both.
      dialogues: D, each of other people.
      seconds: of each, after the burn-in.
      seed: of people, decisions and babble.
    """

    timing: str
    dialogues: int
    seconds: float
    seed: int = 0

    def run(self, work: Path, results: Path) -> dict[str, Any]:
        """Lets them talk, each dialogue once: `work` holds those that are done.

        Args:
          work: folder of the dialogues.
          results: path, without suffix, of the pictures.
        """
        timing = load_timing(self.timing)
        dialogues, seconds = [], 0.0
        for number in range(self.dialogues):
            path = work / f"{number}.npz"
            if not path.exists():
                self._talk(timing, number, path)
            with np.load(path) as stored:
                hops = json.loads(str(stored["record"]))
                dialogues.append((hops, stored["audio"].astype(np.float32) / 32_000))
                seconds += hops["cpu_seconds"]
        floor = timing.require_floor(2)
        numbers = range(self.dialogues)
        own = floor.draw(self.seed, numbers, self.seconds)
        many = floor.draw(self.seed + 1, range(_REFERENCE), self.seconds)
        sets = {
            "simulator_same_people": own,
            "decided": [_conversation(record["decided"], self.seconds) for record, _ in dialogues],
            "measured": [_conversation(record["measured"], self.seconds) for record, _ in dialogues],
        }
        reference = _describe(many, timing)
        self._picture(dialogues[0][1], results)
        lengths = self.dialogues * (self.seconds + BURN_IN)
        return {
            "timing": self.timing,
            "minutes": self.dialogues * self.seconds / 60,
            "delay": seat_delay(Perception()),
            "cpu_seconds_per_second": seconds / lengths,
            "simulator": _plain(reference),
            **{name: _compare(calls, reference, timing) for name, calls in sets.items()},
            "hearing": _pool_hearing([record["hearing"] for record, _ in dialogues]),
        }

    def _talk(self, timing: TimingPreset, number: int, path: Path) -> None:
        """Lets the two people of a dialogue talk, and stores sound and times.

        Args:
          timing: of both.
          number: of the dialogue.
          path: of the file.
        """
        voice, engines = load_voice("babblers"), []
        for seat, speaker in enumerate(("woman", "man")):
            perception = Perception()
            # The two are drawn as a pair, who are alike already as pairs of people are: if each also moved with what
            # it learns of the other, their likeness would count twice.
            player = FloorPlayer(
                timing, delay=seat_delay(perception), seed=self.seed, dialogue=number, seat=seat, learn=False
            )
            babble = SessionVoice(voice, speaker=speaker, seed=1000 * self.seed + 2 * number + seat)
            engines.append(Engine(player, babble, perception))
        start = time.process_time()
        dialogue = let_talk((engines[0], engines[1]), self.seconds + BURN_IN)
        record = {
            "cpu_seconds": time.process_time() - start,
            "decided": _rows(dialogue.decided(first=BURN_IN)),
            "measured": _rows(dialogue.measured(first=BURN_IN)),
            "hearing": _measure_hearing(dialogue),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.atomic_write(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, audio=np.rint(32_000 * dialogue.audio).astype(np.int16), record=json.dumps(record)
            )

    def _picture(self, audio: np.ndarray, results: Path) -> None:
        first = round(BURN_IN * 16_000)
        piece = audio[first : first + round(_LOOK * 16_000)]
        for channel, name in enumerate(("woman", "man")):
            plot_spectrogram(piece[:, channel], 16_000, Path(f"{results}-{name}.png"), f"two agents, {name}")


@dataclasses.dataclass(frozen=True, eq=False)
class _Described:
    """Numbers of a set of dialogues, and the durations of which distributions are compared."""

    values: dict[str, float]
    durations: dict[str, np.ndarray]
    ftos: list[np.ndarray]  # of each dialogue


def _describe(dialogues: Sequence[Conversation], timing: TimingPreset) -> _Described:
    """Measures dialogues: events per minute, and offsets in seconds and shares."""
    metrics = measure_floor(dialogues, timing.definitions)
    centres = (np.arange(metrics.histogram["ipu"].shape[1]) + 0.5) / 100 - 30
    durations = {
        name: np.repeat(centres, metrics.histogram[name].sum(axis=0).astype(int)) for name in DISTRIBUTIONS
    }
    values = {
        f"{kind}_per_minute": float(metrics.count[:, i].sum() / metrics.minutes.sum())
        for i, kind in enumerate(KINDS)
    }
    fto = np.concatenate(metrics.fto)
    values |= {"ftos": len(fto), **_offsets(fto)}
    return _Described(values, durations, metrics.fto)


def _offsets(fto: np.ndarray) -> dict[str, float]:
    if not len(fto):
        return dict.fromkeys(("median", "below_zero", "below_200ms", "above_1s"), math.nan)
    return {
        "median": float(np.median(fto)),
        "below_zero": float(np.mean(fto < 0)),
        "below_200ms": float(np.mean(fto < 0.2)),
        "above_1s": float(np.mean(fto > 1)),
    }


def _compare(
    dialogues: Sequence[Conversation], reference: _Described, timing: TimingPreset
) -> dict[str, Any]:
    """Describes dialogues, with W1 to the reference in milliseconds, and intervals of 95 % over dialogues."""
    described = _describe(dialogues, timing)
    w1 = {
        name: float(1000 * scipy.stats.wasserstein_distance(own, reference.durations[name]))
        for name, own in described.durations.items()
        if len(own)
    }
    draws, rows = np.random.default_rng(0), []
    for _ in range(_DRAWS):
        rows.append(
            _offsets(
                np.concatenate(
                    [described.ftos[i] for i in draws.integers(len(dialogues), size=len(dialogues))]
                )
            )
        )
    intervals = {
        name: np.round(np.nanpercentile([row[name] for row in rows], [2.5, 97.5]), 4).tolist()
        for name in rows[0]
    }
    return _plain(described) | {"intervals": intervals, "w1_ms": {n: round(v, 2) for n, v in w1.items()}}


def _plain(described: _Described) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in described.values.items()}


def _measure_hearing(dialogue: AgentDialogue) -> list[dict[str, list[float]]]:
    """Finds how late each agent knew that the other began and ended, and what it missed; seconds."""
    measured, result = dialogue.measured(), []
    for own, hops in enumerate(dialogue.hops):
        speech = np.array([hop.user.speech for hop in hops]) >= 0.5
        moments = np.array([hop.sample for hop in hops]) / dialogue.sample_rate
        other = measured.speaker == 1 - own
        detections = {
            "onset": (measured.onset[other], moments[1:][~speech[:-1] & speech[1:]]),
            "end": (measured.end[other], moments[1:][speech[:-1] & ~speech[1:]]),
        }
        late: dict[str, list[float]] = {}
        for name, (edges, times) in detections.items():
            delays = [times[(times > e + _AROUND[0]) & (times < e + _AROUND[1])] - e for e in edges]
            late[name] = [round(float(one[0]), 3) for one in delays if len(one)]
            late[f"{name}_missed"] = [float(sum(not len(one) for one in delays)), float(len(delays))]
        result.append(late)
    return result


def _pool_hearing(dialogues: Sequence[list[dict[str, list[float]]]]) -> dict[str, Any]:
    """Pools what `_measure_hearing` found: quantiles of the delays, and shares of what was missed."""
    pooled: dict[str, Any] = {}
    for name in ("onset", "end"):
        late = np.concatenate([one[name] for agents in dialogues for one in agents])
        missed = np.sum([one[f"{name}_missed"] for agents in dialogues for one in agents], axis=0)
        quantiles = np.round(np.percentile(late, [5, 25, 50, 75, 95]), 3).tolist()
        pooled[name] = {"quantiles": quantiles, "missed": round(float(missed[0] / missed[1]), 4)}
    return pooled


def _rows(dialogue: Conversation) -> list[list[float]]:
    columns = (dialogue.speaker.tolist(), dialogue.onset.tolist(), dialogue.end.tolist())
    return [list(row) for row in zip(*columns, strict=True)]


def _conversation(rows: list[list[float]], seconds: float) -> Conversation:
    """Makes a conversation of rows of speaker, onset and end."""
    values = np.array(rows, np.float64).reshape(-1, 3)
    return Conversation(
        id="agents",
        corpus="two agents",
        speakers=("A", "B"),
        speaker=values[:, 0].astype(np.int32),
        onset=values[:, 1],
        end=np.minimum(values[:, 2], seconds),
        mark=np.full(len(values), Mark.SPEECH, np.uint8),
        unit="ipu",
        language=None,
        group="agents",
        windows=np.array([[0.0, seconds]]),
    )
