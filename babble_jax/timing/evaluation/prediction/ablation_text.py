"""Formats an ablation as tables for the terminal."""

from babble_jax.timing.evaluation.prediction.ablation import Ablation
from babble_jax.timing.prediction.scoring import MeanScore

GAINS = {
    "pooled": "filter of earlier offsets, without a network",
    "on_filter": "filter in a network",
    "truncation": "truncation alone, without input",
    "without_filter": "all covariates, without the filter",
    "full": "all covariates and the filter",
    "untruncated": "the same, without truncation",
    "selected": "selected covariates and the filter",
}
"""The rows of the first table: fields of `Ablation`, in their order."""


def format_ablation(ablation: Ablation) -> str:
    """Formats the gains of an ablation and what each covariate is worth, nats with standard errors."""
    lines = [
        f"mode {ablation.mode}: gain in nats per held-out offset over one distribution for all (standard error)",
        *(f"{text:46} {_score(getattr(ablation, name))}" for name, text in GAINS.items()),
        "",
        f"{'covariate':18} {'alone':>17} {'beside all others':>17} {'beside selected':>17}  selected",
    ]
    order = sorted(ablation.worth, key=lambda name: -ablation.worth[name].beside_all.value)
    for name in order:
        worth = ablation.worth[name]
        scores = (worth.alone, worth.beside_all, worth.beside_selected)
        columns = " ".join(_score(score) for score in scores)
        lines.append(f"{name.replace('_', ' '):18} {columns}  {'yes' if worth.selected else 'no'}")
    return "\n".join(lines)


def _score(score: MeanScore) -> str:
    se = "" if score.se is None else f"({score.se:.4f})"
    return f"{score.value:8.4f} {se:8}"
