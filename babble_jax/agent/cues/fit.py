"""Trains a cue network on conversations recorded with a speaker on each channel, and calibrates it on held-out ones.

Axes: B pieces, N hops of 20 ms, M mel bands, U units, P points (a silence at one of its lengths).
"""

import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

from babble_jax.agent.cues import network
from babble_jax.agent.cues.cue import RATE, fit_calibration
from babble_jax.agent.cues.network import BANDS, HOP, MOST_SILENCE, CueNetwork
from babble_jax.agent.cues.settings import CueFitConfig
from babble_jax.agent.cues.silences import Silences, find_silences
from babble_jax.arguments import check_arguments
from babble_jax.audio.resampling import StreamResampler
from babble_jax.audio.sound_file import SoundFile
from babble_jax.audio.sound_types import NAMES, SUFFIXES
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.progress import Progress

HOP_SECONDS = HOP / RATE
SILENCES = (0.0, 0.15, 0.25, 0.4, 0.6, 0.85)
"""Seconds of silence at which the bins of the calibration begin."""
POINTS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Seconds of silence at which the calibration is fitted, one in each bin."""
HEADLINE = 0.2
"""Seconds of silence at which the area under the ROC curve is stated."""
MIN_SILENCES = 20
"""Silences of each outcome below which no network is fitted."""
_FIRST = 0.06  # seconds of silence from which on hops count
_RUN_UP, _PIECE = 200, 600  # hops


class CueConversation(NamedTuple):
    """What is learned from in a conversation.

    Attributes:
      name: of the recording.
      frames: of each speaker [N, M] float16.
      silences: of both.
    """

    name: str
    frames: tuple[np.ndarray, np.ndarray]
    silences: Silences


class _Pieces(NamedTuple):
    frames: np.ndarray  # [B, run-up + piece, M]
    over: np.ndarray  # [B, run-up + piece], whether the turn was over in the silence that the hop is in
    weight: np.ndarray  # [B, run-up + piece]; the hops of a silence have 1 together


class _Points(NamedTuple):
    score: np.ndarray  # [P]
    over: np.ndarray  # [P]
    silence: np.ndarray  # [P] seconds


class _Gru(nn.Module):
    units: int

    @nn.compact
    def __call__(self, frames: jax.Array) -> jax.Array:
        hidden = nn.RNN(nn.GRUCell(self.units))(frames)
        return nn.Dense(1, name="output")(hidden)[..., 0]


def find_recordings(paths: Sequence[str | os.PathLike]) -> list[Path]:
    """Finds the sound files among files and in folders, in order.

    Raises:
      BabbleError: there is none.
    """
    recordings: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files = (one for one in sorted(path.rglob("*")) if one.is_file())
            recordings += [one for one in files if one.suffix.lower() in SUFFIXES]
        else:
            recordings.append(path)
    if not recordings:
        raise BabbleError(f"{', '.join(map(str, paths))}: holds no recordings ({NAMES}); name their folder.")
    return recordings


def read_conversation(path: str | os.PathLike) -> CueConversation:
    """Reads a recording with a speaker on each of two channels: frames of both, and silences by the speech detector.

    Raises:
      BabbleError: it is no such recording.
    """
    file = SoundFile(path)
    if file.channels != 2:
        raise BabbleError(
            f"{path}: has {file.channels} channels; a cue needs recordings with a speaker on each of 2."
        )
    (conversation,) = read([path], "channels").conversations
    resampler = StreamResampler(file.rate, RATE, 2)
    states, pending = [network.initial_frames()] * 2, np.zeros((0, 2), np.float32)
    frames: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for block in (*(resampler.push(raw) for raw in file.blocks()), resampler.finish()):
        pending = np.concatenate([pending, block])
        count = len(pending) // HOP
        for hop in pending[: count * HOP].reshape(count, HOP, 2):
            for speaker in (0, 1):
                states[speaker], frame = network.compute_frame(states[speaker], hop[:, speaker])
                frames[speaker].append(frame.astype(np.float16))
        pending = pending[count * HOP :]
    first, second = (np.array(rows, np.float16).reshape(-1, BANDS) for rows in frames)
    return CueConversation(Path(path).stem, (first, second), find_silences(conversation))


@check_arguments
def fit_cue(
    conversations: Sequence[CueConversation],
    config: CueFitConfig = CueFitConfig(),
    report: Callable[[str], object] = lambda line: None,
) -> CueNetwork:
    """Trains and calibrates a network.

    Each part of the conversations is held out once, which gives scores for all of them; on these the number of epochs
    is chosen and the calibration fitted. The network itself is then trained on all.

    Args:
      conversations: two or more.
      config: settings.
      report: called with a line after each fold.

    Returns:
      The network; its `metrics` say how well held-out silences were told apart.

    Raises:
      BabbleError: there are too few conversations or silences.
    """
    if len(conversations) < 2:
        raise BabbleError("A cue needs two recorded conversations or more: one is held out.")
    outcomes = np.concatenate([one.silences.over for one in conversations])
    if min(np.sum(outcomes), np.sum(~outcomes)) < MIN_SILENCES:
        raise BabbleError(
            f"There are {np.sum(outcomes)} silences after which the turn was over and {np.sum(~outcomes)} after which "
            f"it went on; a cue needs {MIN_SILENCES} of each. Record more."
        )
    order = np.random.default_rng(config.seed).permutation(len(conversations))
    folds = [order[i :: min(config.folds, len(order))] for i in range(min(config.folds, len(order)))]
    points: list[list[_Points]] = [[] for _ in range(config.epochs)]
    with Progress("training", (len(folds) + 1) * config.epochs, "epochs") as progress:
        for k, fold in enumerate(folds):
            training = [conversations[i] for i in order if i not in fold]
            for epoch, params in enumerate(_train(training, config, config.epochs)):
                points[epoch] += [_score(params, conversations[i], config.units) for i in fold]
                progress.update(1)
            report(f"part {k + 1} of {len(folds)} held out")
        pooled = [
            _Points(*(np.concatenate(columns) for columns in zip(*rows, strict=True))) for rows in points
        ]
        losses = [_loss_after_calibration(one) for one in pooled]
        best = int(np.argmin(losses))
        params: Any = None
        for params in _train(conversations, config, best + 1):  # noqa: B007
            progress.update(1)
    held_out = pooled[best]
    calibration = fit_calibration(held_out.score, held_out.over, held_out.silence, SILENCES)
    headline = held_out.silence == HEADLINE
    metrics = {
        "conversations": len(conversations),
        "hours": float(sum(len(one.frames[0]) for one in conversations) * HOP_SECONDS / 3600),
        "silences": len(outcomes),
        "over": int(np.sum(outcomes)),
        "epochs": best + 1,
        "auc": area_under_curve(held_out.score[headline], held_out.over[headline]),
        "auc_silences": int(np.sum(headline)),
        "log_score_gain": -losses[best],
        "config": dataclasses.asdict(config),
    }
    return CueNetwork(*_export(params), calibration, metrics)


def area_under_curve(score: np.ndarray, over: np.ndarray) -> float | None:
    """Computes the area under the ROC curve, ties counted half; None where there is one outcome only.

    Args:
      score: [N], larger where the turn is over.
      over: [N] bool.
    """
    high, low = score[over], np.sort(score[~over])
    if not len(high) or not len(low):
        return None
    below = (np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")) / 2
    return float(np.mean(below) / len(low))


def _hops(onset: float, end: float, count: int) -> np.ndarray:
    """Numbers the hops that end within a silence and count: of `count`, those with a seat in the recording."""
    first = int(np.ceil((onset + _FIRST) / HOP_SECONDS - 1e-6)) - 1
    stop = int(np.floor(min(end, onset + MOST_SILENCE) / HOP_SECONDS + 1e-6))
    return np.arange(max(first, 0), min(stop, count))


def _cut(conversations: Sequence[CueConversation]) -> _Pieces:
    """Cuts the pieces that hold silences."""
    frames, over, weight = [], [], []
    for one in conversations:
        for speaker in (0, 1):
            x = one.frames[speaker]
            y, w = np.zeros(len(x), bool), np.zeros(len(x), np.float32)
            for i in np.flatnonzero(one.silences.speaker == speaker):
                hops = _hops(one.silences.onset[i], one.silences.end[i], len(x))
                y[hops] = one.silences.over[i]
                w[hops] = 1 / max(len(hops), 1)
            for start in range(0, len(x), _PIECE):
                if not np.any(w[start : start + _PIECE]):
                    continue
                first, stop = start - _RUN_UP, start + _PIECE
                pads = (max(0, -first), max(0, stop - len(x)))
                inside = slice(max(first, 0), stop)
                frames.append(np.pad(x[inside], (pads, (0, 0)), constant_values=-3.0))
                over.append(np.pad(y[inside], pads))
                piece_weight = np.pad(w[inside], pads)
                piece_weight[:_RUN_UP] = 0
                weight.append(piece_weight)
    return _Pieces(np.array(frames), np.array(over), np.array(weight))


@functools.cache
def _make_update(units: int, learning_rate: float, weight_decay: float) -> tuple[Callable[..., Any], ...]:
    """Makes the functions that begin the optimizer's state, and that make an update of parameters and state.

    Args:
      units: U.
      learning_rate: of Adam.
      weight_decay: of the weights.
    """
    model = _Gru(units)
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(learning_rate, weight_decay=weight_decay)
    )

    def loss(params: Any, frames: jax.Array, over: jax.Array, weight: jax.Array) -> jax.Array:
        score = model.apply(params, frames.astype(jnp.float32))
        losses = optax.sigmoid_binary_cross_entropy(jnp.asarray(score), over.astype(jnp.float32))
        return jnp.sum(weight * losses) / jnp.maximum(jnp.sum(weight), 1e-6)

    @jax.jit
    def update(params: Any, state: Any, frames: jax.Array, over: jax.Array, weight: jax.Array) -> Any:
        gradient = jax.grad(loss)(params, frames, over, weight)
        changes, state = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, changes), state

    return optimizer.init, update


def _train(conversations: Sequence[CueConversation], config: CueFitConfig, epochs: int) -> Any:
    """Yields the parameters after each epoch."""
    pieces, model = _cut(conversations), _Gru(config.units)
    batch = min(config.batch_size, len(pieces.frames))
    key = jax.random.key(config.seed)
    params = model.init(key, jnp.zeros((1, 2, BANDS)))
    share = np.clip(np.sum(pieces.weight * pieces.over) / np.sum(pieces.weight), 0.01, 0.99)
    params["params"]["output"]["bias"] = jnp.full(1, np.log(share / (1 - share)), jnp.float32)
    initialize, update = _make_update(config.units, config.learning_rate, config.weight_decay)
    state = initialize(params)
    rng = np.random.default_rng(config.seed)
    for _ in range(epochs):
        order = rng.permutation(len(pieces.frames))
        for i in range(0, len(order) - batch + 1, batch):
            params, state = update(params, state, *(x[order[i : i + batch]] for x in pieces))
        yield params


def _export(params: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Puts Flax's weights in the order of `CueNetwork`."""
    values = jax.tree.map(np.asarray, params["params"])
    (cell,) = (values[name] for name in values if name != "output")
    units = cell["ir"]["kernel"].shape[1]
    zeros = np.zeros(units, np.float32)
    taken = np.concatenate([cell[name]["kernel"] for name in ("ir", "iz", "in")], axis=1)
    taken_bias = np.concatenate([cell[name]["bias"] for name in ("ir", "iz", "in")])
    hidden = np.concatenate([cell[name]["kernel"] for name in ("hr", "hz", "hn")], axis=1)
    hidden_bias = np.concatenate([zeros, zeros, cell["hn"]["bias"]])
    output = np.concatenate([values["output"]["kernel"][:, 0], values["output"]["bias"]])
    return np.vstack([taken, taken_bias]), np.vstack([hidden, hidden_bias]), output


def _score(params: Any, one: CueConversation, units: int) -> _Points:
    """Scores the points of a conversation."""
    rows: list[tuple[float, bool, float]] = []
    apply = _scorer(units)
    for speaker in (0, 1):
        scores = np.asarray(apply(params, one.frames[speaker].astype(np.float32)[None]))[0]
        for i in np.flatnonzero(one.silences.speaker == speaker):
            onset, end = one.silences.onset[i], one.silences.end[i]
            for silence in POINTS:
                hop = round((onset + silence) / HOP_SECONDS) - 1
                if onset + silence <= end and hop < len(scores):
                    rows.append((scores[hop], bool(one.silences.over[i]), silence))
    table = np.array(rows, np.float64).reshape(-1, 3)
    return _Points(table[:, 0], table[:, 1] > 0.5, table[:, 2])


@functools.cache
def _scorer(units: int) -> Callable[..., Any]:
    return jax.jit(_Gru(units).apply)


def _loss_after_calibration(points: _Points) -> float:
    """Computes how much is lost per point, in nats, beyond what the time alone tells; negative where a score helps."""
    calibration = fit_calibration(points.score, points.over, points.silence, SILENCES)
    loss = 0.0
    for silence in POINTS:
        at = points.silence == silence
        if not np.any(at):
            continue
        share = (np.sum(points.over[at]) + 0.5) / (np.sum(at) + 1)
        prior = np.log(share / (1 - share))
        added = np.array([calibration.log_odds(x, silence) for x in points.score[at]])
        sign = np.where(points.over[at], 1.0, -1.0)
        loss += float(np.sum(np.logaddexp(0, -sign * (prior + added)) - np.logaddexp(0, -sign * prior)))
    return loss / max(len(points.score), 1)
