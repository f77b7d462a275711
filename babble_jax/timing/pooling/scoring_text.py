"""Formats the scores of a small corpus that was shrunk towards a preset, at most 100 characters wide."""

from collections.abc import Sequence

from babble_jax.plural import plural
from babble_jax.timing.evaluation.offsets.ranking_text import TRUSTED
from babble_jax.timing.pooling.scoring import PoolingScore

_PARTS = {"ipu": "offsets at level ipu", "turn": "offsets at level turn", "floor": "floor"}


def format_pooling_scores(scores: Sequence[PoolingScore], prior: str, conversations: int) -> str:
    """Lays out scores in lines.

    Args:
      scores: of held-out groups, by part; none for a single group.
      prior: name of the preset.
      conversations: number of them in the small corpus.
    """
    head = f"shrunk towards {prior}: {plural(conversations, 'conversation')}"
    if not scores:
        return f"{head}; one group of people, so that nothing is held out and the gain is unknown"
    groups, folds = scores[0].groups, scores[0].folds
    lines = [
        f"{head} of {plural(groups, 'group')}, cross-validated in {plural(folds, 'fold')}",
        "",
        f"{'nats of held-out groups':28} {'shrunk':>9} {'preset':>9} {'gain':>8} {'95 %':>16} "
        f"{'alone':>9} {'gain':>8}",
    ]
    for one in scores:
        unit = "per minute" if one.part == "floor" else ""
        gain = one.gain["prior"]
        interval = f"{gain.low:.3f} to {gain.high:.3f}" if groups > 2 else ""
        line = f"{f'{_PARTS[one.part]} {unit}':28} {one.nats['shrunk']:9.3f} {one.nats['prior']:9.3f} "
        line += f"{gain.value:8.3f} {interval:>16}"
        if "alone" in one.gain:
            line += f" {one.nats['alone']:9.3f} {one.gain['alone'].value:8.3f}"
        lines.append(line.rstrip())
    lines += [
        "",
        f"preset: {prior} as it is; alone: fitted on the corpus only; gain: of the shrunk one over each.",
    ]
    if groups < TRUSTED:
        lines.append(f"Intervals over fewer than {TRUSTED} groups are too short.")
    return "\n".join(lines)
