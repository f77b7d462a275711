"""The timing Turing test: can a classifier tell dialogues of an agent from others by their events alone?

Axes: D dialogues, F features. A gradient-boosted classifier is cross-fitted over calls; the area under its ROC curve
is .5 where the two sets cannot be told apart.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing.evaluation.speaker.events import cut_ins
from babble_jax.timing.evaluation.turn_taking.scores import interval, resample_weights, roc_auc
from babble_jax.timing.events import Definitions, Kind, backchannels, floor_transfers, ipus, transitions

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
FOLDS = 5


def event_features(dialogue: Conversation, definitions: Definitions) -> np.ndarray:
    """Returns the features of a dialogue of two, [F] float64, NaN where an event is missing.

    Of each speaker: events per minute (IPUs, backchannels, turns, cut-ins), quantiles of offsets, pauses and IPUs,
      shares of offsets below 0 and above 1 s, share of overlap; of both: correlations of successive offsets, and the
      shares of mutual silence and overlap.

    Args:
      dialogue: of two speakers.
      definitions: of the events.
    """
    units = ipus(dialogue, definitions)
    short = backchannels(units, definitions)
    transfers, changes = floor_transfers(units, "ipu", definitions), transitions(units)
    cuts, minutes = cut_ins(units, definitions), dialogue.seconds / 60
    length = changes.end - changes.start
    values: list[float] = []
    for s in (0, 1):
        mine = units.speaker == s
        fto = transfers.fto[transfers.defined & mine]
        pauses = length[(changes.kind == Kind.PAUSE) & (changes.before == s)]
        values += [
            np.count_nonzero(mine) / minutes,
            np.count_nonzero(mine & short) / minutes,
            len(fto) / minutes,
            np.count_nonzero(units.speaker[cuts[:, 1]] == s) / minutes,
            units.duration[mine].sum() / minutes,
        ]
        for part in (fto, pauses, units.duration[mine & ~short], units.duration[mine & short]):
            values += list(np.quantile(part, QUANTILES)) if len(part) else [np.nan] * len(QUANTILES)
            values.append(float(part.std()) if len(part) > 1 else np.nan)
        values += (
            [float(np.mean(fto < 0)), float(np.mean(fto > 1)), float(np.mean(fto < 0.2))]
            if len(fto)
            else [np.nan] * 3
        )
        for kind, who in ((Kind.OVERLAP_BETWEEN, changes.after), (Kind.OVERLAP_WITHIN, changes.before)):
            part = length[(changes.kind == kind) & (who == s)]
            values += [len(part) / minutes, float(np.median(part)) if len(part) else np.nan]
    fto = transfers.fto[transfers.defined]
    for lag in (1, 2):
        pair = (fto[:-lag], fto[lag:])
        spread = len(pair[0]) > 2 and pair[0].std() > 0 and pair[1].std() > 0
        values.append(float(np.corrcoef(*pair)[0, 1]) if spread else np.nan)
    for kind in (Kind.GAP, Kind.PAUSE, Kind.OVERLAP_BETWEEN, Kind.OVERLAP_WITHIN):
        values.append(float(length[changes.kind == kind].sum()) / minutes)
    return np.array(values)


def features_of(dialogues: Sequence[Conversation], definitions: Definitions) -> np.ndarray:
    """Returns the features of dialogues, [D, F]."""
    return np.stack([event_features(dialogue, definitions) for dialogue in dialogues])


def cut_calls(conversations: Sequence[Conversation], seconds: float) -> tuple[list[Conversation], list[str]]:
    """Cuts recorded calls into pieces of equal length, in the middle of each window; returns pieces and their groups.

    Args:
      conversations: of two speakers each.
      seconds: of each piece; a window gives as many as fit into it.
    """
    import dataclasses

    pieces, groups = [], []
    for conversation in conversations:
        for a, b in conversation.windows:
            number = int((b - a + 1e-6) // seconds)
            first = a + (b - a - number * seconds) / 2
            for i in range(number):
                begin = first + i * seconds
                inside = (conversation.end > begin) & (conversation.onset < begin + seconds)
                pieces.append(
                    dataclasses.replace(
                        conversation,
                        speaker=conversation.speaker[inside],
                        onset=conversation.onset[inside],
                        end=conversation.end[inside],
                        mark=conversation.mark[inside],
                        windows=np.array([[begin, begin + seconds]]),
                        labels=None,
                    )
                )
                groups.append(conversation.group)
    return pieces, groups


def tell_apart(
    first: np.ndarray,
    second: np.ndarray,
    groups: tuple[Sequence[str], Sequence[str]] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Trains a classifier to tell two sets of dialogues apart; returns its area under the ROC curve, cross-fitted.

    Args:
      first: [D, F] features.
      second: [D', F] features.
      groups: of the dialogues of either set; those of one group are never on both sides. Each is its own by default.
      seed: of folds and classifier.

    References: Friedman, Ann. Stat. 29 (2001), gradient boosting; Lopez-Paz & Oquab, ICLR 2017 (arXiv 1610.06545),
      classifier two-sample tests.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to import

    x = np.concatenate([first, second])
    y = np.repeat([0, 1], [len(first), len(second)])
    if groups is None:
        names = np.arange(len(x))
    else:
        _, names = np.unique([*groups[0], *groups[1]], return_inverse=True)
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(names.max() + 1) % FOLDS)[names]
    score = np.zeros(len(x))
    for f in range(FOLDS):
        train = fold != f
        model = HistGradientBoostingClassifier(
            max_iter=80,
            learning_rate=0.1,
            max_leaf_nodes=8,
            max_bins=63,
            l2_regularization=1.0,
            random_state=seed,
        )
        weight = np.where(y == 1, 1 / max(y[train].mean(), 1e-9), 1 / max(1 - y[train].mean(), 1e-9))
        model.fit(x[train], y[train], sample_weight=weight[train])
        score[~train] = model.predict_proba(x[~train])[:, 1]
    # Each fold's scores are of another classifier: ranks within a fold are compared.
    score = np.concatenate([[]]) if not len(x) else _ranks_within(score, fold)
    weights = resample_weights(names)
    return {
        "dialogues": [len(first), len(second)],
        "auc": roc_auc(score, y == 1),
        "auc_interval": interval(np.array([roc_auc(score, y == 1, w) for w in weights])),
    }


def _ranks_within(score: np.ndarray, fold: np.ndarray) -> np.ndarray:
    ranks = np.zeros(len(score))
    for f in np.unique(fold):
        inside = fold == f
        order = np.argsort(np.argsort(score[inside], kind="stable"), kind="stable")
        ranks[inside] = order / max(inside.sum(), 1)
    return ranks
