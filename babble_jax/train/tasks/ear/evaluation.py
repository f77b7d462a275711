"""Evaluates an ear on pieces: phone error rate of the greedy string, nats of strings, share of right steps.

Axes: B streams, S steps, P symbols.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from babble_jax.dataset.labelled.recording import SILENCE
from babble_jax.dataset.labelled.transcripts import SPACE
from babble_jax.ear import model
from babble_jax.ear.config import EarConfig
from babble_jax.ear.decoding.greedy import decode_greedy
from babble_jax.ear.scoring import error_rate
from babble_jax.progress import Progress
from babble_jax.train.interruption import check_interruption
from babble_jax.train.task import Batch, Evaluation, Loss
from babble_jax.train.tasks.ear.batches import EarBatches
from babble_jax.train.tasks.ear.pieces import EarPiece

UNCOUNTED = (SILENCE, SPACE)
"""Symbols that no error rate counts: silence, and the space between words."""
LossFn = Callable[[model.Params, Batch], Loss]


class EarEvaluator:
    """Evaluates parameters on pieces; compiles once for each length of batches.

    Args:
      ear: config of the ear.
      pieces: of the split.
      batches: of the same pieces, without stretching.
      loss: of a batch.
      metrics: from total, weight and sums to metrics by name.
    """

    def __init__(
        self,
        ear: EarConfig,
        pieces: Sequence[EarPiece],
        batches: EarBatches,
        loss: LossFn,
        metrics: Callable[[float, float, dict[str, float]], dict[str, float]],
    ):
        self._ear, self._pieces, self._batches, self._metrics = ear, pieces, batches, metrics
        self._loss = jax.jit(lambda params, batch: loss(params, batch)[:3])
        self._decode = jax.jit(lambda params, x, lengths: model.apply(ear, params, x, lengths).ctc)

    def __call__(self, params: Any) -> Evaluation:
        """Evaluates parameters, plain arrays."""
        total = weight = 0.0
        sums: dict[str, float] = {}
        pairs = []
        groups = self._batches.evaluation()
        with Progress("evaluation", len(groups), "batches", shown=jax.process_index() == 0) as progress:
            for group in groups:
                check_interruption()
                batch = self._batches.gather(group)
                one, count, more = jax.device_get(self._loss(params, batch))
                total, weight = total + float(one), weight + float(count)
                sums = {name: sums.get(name, 0.0) + float(value) for name, value in more.items()}
                x = np.asarray(batch["features"], np.float32)
                logits = np.asarray(self._decode(params, x, batch["lengths"]))
                pairs += pair_strings(self._ear, [self._pieces[i] for i in group], logits, batch["lengths"])
                progress.update()
        values = {"phone_error_rate": error_rate(pairs)}
        return Evaluation(values | self._metrics(total, weight, sums), weight)


def pair_strings(
    ear: EarConfig, pieces: Sequence[EarPiece], logits: np.ndarray, lengths: np.ndarray
) -> list[tuple[list[str], list[str]]]:
    """Pairs the string of each piece with that of its best path, without what no error rate counts.

    Args:
      ear: config of the ear.
      pieces: N pieces.
      logits: [B, S, P + 1] of CTC, B >= N, the blank first.
      lengths: [B] int32 mel frames of each.
    """

    def spell(ids: np.ndarray) -> list[str]:
        return [symbol for symbol in (ear.symbols[i] for i in ids) if symbol not in UNCOUNTED]

    steps = [ear.count_steps(int(length)) for length in lengths]
    return [
        (spell(piece.ids), spell(decode_greedy(logits[at, : steps[at]])[0]))
        for at, piece in enumerate(pieces)
    ]
