"""Scores how well a small corpus that is shrunk towards a preset predicts groups that are held out.

Axes: M pooled floor-transfer offsets (FTOs), D conversations. FTOs are seconds.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.progress import Progress
from babble_jax.timing.distributions.binned import bin_widths
from babble_jax.timing.distributions.families import FAMILIES
from babble_jax.timing.distributions.family import FEWEST, Family, Params
from babble_jax.timing.distributions.maximum_likelihood import SmoothFamily, maximum_likelihood
from babble_jax.timing.distributions.model import TimingModel
from babble_jax.timing.evaluation.offsets.bootstrap import Interval, bootstrap_intervals
from babble_jax.timing.evaluation.offsets.scores import Scores, log_density, score_distribution
from babble_jax.timing.events import PooledFtos
from babble_jax.timing.floor.exposure import Exposure
from babble_jax.timing.floor.pooling import exposure_log_likelihood, shrink_exposure
from babble_jax.timing.floor.simulator import FloorSimulator
from babble_jax.timing.pooling.offsets import shrink_distribution
from babble_jax.timing.splits import FOLDS, deal_folds

ALONE = ("logistic", "student_t", "johnson_su")
"""Families of 2 to 4 parameters, of which a small corpus alone takes the best by AIC: those of 10 overfit it."""


@dataclasses.dataclass(frozen=True)
class PoolingScore:
    """The mean scores of held-out groups: nats per FTO of a level, or per minute of a floor.

    Attributes:
      part: "ipu" or "turn", the level of the FTOs, or "floor".
      groups: number of groups, each held out once.
      folds: number of folds.
      nats: by model: "shrunk", "prior" (the preset as it is) and "alone" (fitted on the corpus only, where it was).
      gain: of the shrunk model over each of the others, with its interval over the groups; None for fewer than two
        groups.
    """

    part: str
    groups: int
    folds: int
    nats: dict[str, float]
    gain: dict[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return dataclasses.asdict(self)


def fit_alone(y: np.ndarray, width: np.ndarray | None) -> tuple[Family, Params]:
    """Fits the families of `ALONE` to FTOs; returns the best by AIC (Akaike, IEEE Trans. Autom. Control 19 (1974)).

    Args:
      y: [M] seconds.
      width: [M] seconds, of the bins of which `y` are the middles; None where the FTOs are exact.
    """
    equal = np.full(len(y), 1 / len(y))
    fits: list[tuple[Family, Params]] = []
    for name in ALONE:
        family = cast(SmoothFamily, FAMILIES[name])
        fits.append((family, maximum_likelihood(family, y, width=width, share=equal)))
    aic = [float(np.sum(log_density(*one, y, width))) - len(one[1]) for one in fits]
    return fits[int(np.argmax(aic))]


def score_offsets(
    ftos: PooledFtos, prior: TimingModel, families: Sequence[str]
) -> tuple[PoolingScore, str, Scores] | None:
    """Cross-validates the distribution of FTOs over groups; None where there are fewer than two groups.

    Args:
      ftos: of the small corpus.
      prior: distribution of the preset.
      families: names of the families to shrink, of which the best is taken.

    Returns:
      The scores, the name of the best family, and the scores of all FTOs under it.
    """
    group = np.array(ftos.group)[ftos.conversation]
    names = np.unique(group)
    if len(names) < 2:
        return None
    folds = min(len(names), FOLDS)
    which = deal_folds(group.tolist(), folds)
    width = bin_widths(ftos.time_resolution[ftos.conversation])

    def select(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        return ftos.fto[rows], None if width is None else width[rows]

    nats = {name: np.zeros(len(ftos)) for name in (*families, "prior", "alone")}
    crps = {name: np.zeros(len(ftos)) for name in families}
    alone = True
    with Progress(
        f"shrinking offsets at level {prior.fto_level}", total=folds * len(families), unit="fits"
    ) as progress:
        for fold in range(folds):
            rows, unseen = which != fold, which == fold
            for name in families:
                family = cast(SmoothFamily, FAMILIES[name])
                params = shrink_distribution(family, prior, *select(rows), ftos.conversation[rows])
                scores = score_distribution(family, params, *select(unseen))
                nats[name][unseen], crps[name][unseen] = scores.nats, scores.crps
                progress.update(family=name)
            nats["prior"][unseen] = log_density(FAMILIES[prior.family], prior.params, *select(unseen))
            alone = alone and np.unique(ftos.fto[rows]).size >= FEWEST
            if alone:
                nats["alone"][unseen] = log_density(*fit_alone(*select(rows)), *select(unseen))
    best = max(families, key=lambda name: float(nats[name].mean()))
    others = ["prior", "alone"] if alone else ["prior"]
    gains = bootstrap_intervals(np.stack([nats[best] - nats[name] for name in others]), group)
    score = PoolingScore(
        prior.fto_level,
        len(names),
        folds,
        {"shrunk": float(nats[best].mean())} | {name: float(nats[name].mean()) for name in others},
        dict(zip(others, gains, strict=True)),
    )
    return score, best, Scores(nats[best], crps[best], 0.0, 0.0, {})


def score_floor(
    conversations: Sequence[Conversation],
    rows: Exposure,
    prior: FloorSimulator,
    floors: Sequence[FloorSimulator],
) -> PoolingScore | None:
    """Cross-validates the shrunk floor over groups, in nats per minute; None where there are fewer than two groups.

    Args:
      conversations: [D] the small corpus.
      rows: their exposure.
      prior: floor of the preset.
      floors: of several corpora, see `shrink_floor`.
    """
    groups = [one.group for one in conversations]
    names = sorted(set(groups))
    if len(names) < 2:
        return None
    folds = min(len(names), FOLDS)
    which = deal_folds(groups, folds)
    shrunk = np.zeros(len(conversations))
    with Progress("shrinking the floor", total=folds, unit="folds") as progress:
        for fold in range(folds):
            some = [one for one, here in zip(conversations, which != fold, strict=True) if here]
            floor = shrink_exposure(rows.select(which != fold), some, prior, floors)
            shrunk[which == fold] = exposure_log_likelihood(floor, rows.select(which == fold))
            progress.update()
    nats = {"shrunk": shrunk, "prior": exposure_log_likelihood(prior, rows)}
    minutes = rows.seconds / 60
    total = float(minutes.sum())
    gain = (nats["shrunk"] - nats["prior"]) / total * len(groups)
    interval = bootstrap_intervals(gain[None], np.array(groups))[0]
    means = {name: float(value.sum() / total) for name, value in nats.items()}
    return PoolingScore("floor", len(names), folds, means, {"prior": interval})
