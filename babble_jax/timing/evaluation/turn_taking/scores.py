"""Scores of binary predictions, with intervals over calls.

Axes: N predictions, B draws of a bootstrap.
"""

from typing import Any

import numpy as np

RESAMPLES = 200


def roc_auc(score: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Returns the area under the ROC curve; ties count half, NaN where one of both kinds is missing.

    Args:
      score: [N], higher where a positive is expected.
      positive: [N] bool.
      weight: [N] of each prediction; 1 where absent.
    """
    weight = np.ones(len(score)) if weight is None else weight
    value, index = np.unique(score, return_inverse=True)
    hits = np.bincount(index, weight * positive, len(value))
    misses = np.bincount(index, weight * ~positive, len(value))
    below = np.cumsum(misses) - misses
    total = hits.sum() * misses.sum()
    return float(np.sum(hits * (below + misses / 2)) / total) if total else float("nan")


def balanced_accuracy(predicted: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Returns the mean of the shares of positives and of negatives that are predicted right.

    Args:
      predicted: [N] bool.
      positive: [N] bool.
      weight: [N] of each prediction; 1 where absent.
    """
    weight = np.ones(len(predicted)) if weight is None else weight
    shares = []
    for truth in (True, False):
        total = weight[positive == truth].sum()
        right = weight[(positive == truth) & (predicted == truth)].sum()
        shares.append(right / total if total else np.nan)
    return float(np.mean(shares))


def best_threshold(score: np.ndarray, positive: np.ndarray) -> float:
    """Returns the score from which on a positive is predicted so that the balanced accuracy is greatest.

    Args:
      score: [N].
      positive: [N] bool.
    """
    if not len(score):
        return 0.5
    value, index = np.unique(score, return_inverse=True)
    hits = np.cumsum(np.bincount(index, positive, len(value))[::-1])[::-1]
    misses = np.cumsum(np.bincount(index, ~positive, len(value))[::-1])[::-1]
    balance = hits / max(positive.sum(), 1) - misses / max((~positive).sum(), 1)
    return float(value[np.argmax(balance)])


def resample_weights(call: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    """Draws how often each prediction counts when calls are drawn with replacement, [B, N].

    Args:
      call: [N] the call of each prediction.
      seed: of the draws.
      resamples: B.
    """
    _, index = np.unique(call, return_inverse=True)
    number = int(index.max(initial=-1)) + 1
    draws = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / max(number, 1)), resamples)
    return draws[:, index]


def interval(values: np.ndarray) -> list[float] | None:
    """Returns the 95 % interval of bootstrap values, [B]; None where there are none."""
    finite = values[np.isfinite(values)]
    return np.quantile(finite, [0.025, 0.975]).tolist() if len(finite) else None


def score_predictions(
    score: np.ndarray, positive: np.ndarray, call: np.ndarray, threshold: float
) -> dict[str, Any]:
    """Scores predictions: AUC and balanced accuracy with 95 % intervals over calls.

    Args:
      score: [N], higher where a positive is expected.
      positive: [N] bool.
      call: [N] the call of each.
      threshold: from which score on a positive is predicted.
    """
    weights = resample_weights(call)
    predicted = score >= threshold
    return {
        "positive": int(positive.sum()),
        "negative": int((~positive).sum()),
        "auc": roc_auc(score, positive),
        "auc_interval": interval(np.array([roc_auc(score, positive, w) for w in weights])),
        "balanced_accuracy": balanced_accuracy(predicted, positive),
        "balanced_accuracy_interval": interval(
            np.array([balanced_accuracy(predicted, positive, w) for w in weights])
        ),
        "threshold": threshold,
    }
