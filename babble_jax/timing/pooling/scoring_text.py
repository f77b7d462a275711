"""Formats the scores of a small corpus that was shrunk towards a preset, at most 100 characters wide."""

from collections.abc import Sequence

from babble_jax.plural import plural
from babble_jax.timing.events.intervals import caution
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
        f"{'nats of held-out groups':28} {'shrunk':>9} {'preset':>9} {'over preset':>11} {'95 %':>16} {'alone':>9} "
        f"{'over alone':>10}",
    ]
    for one in scores:
        unit = "per minute" if one.part == "floor" else ""
        gain = one.gain["prior"]
        line = f"{f'{_PARTS[one.part]} {unit}':28} {one.nats['shrunk']:9.3f} {one.nats['prior']:9.3f} "
        line += f"{gain.value:11.3f} {f'{gain.low:.3f} to {gain.high:.3f}':>16}"
        if "alone" in one.gain:
            line += f" {one.nats['alone']:9.3f} {one.gain['alone'].value:10.3f}"
        lines.append(line.rstrip())
    lines += [
        "",
        f"preset: {prior} as it is; alone: fitted on the corpus only; over ...: gain of the shrunk one.",
        *(line for one in scores for line in _warn(one, prior)),
        *caution(groups),
    ]
    return "\n".join(lines)


def _warn(score: PoolingScore, prior: str) -> list[str]:
    """Says what it means where a part that was shrunk predicts worse than the preset, or than the corpus alone."""
    part, gain, alone = _PARTS[score.part], score.gain["prior"], score.gain.get("alone")
    if gain.value < 0:
        verb = "predicts" if score.part == "floor" else "predict"
        lines = [f"The {part} {verb} held-out groups worse than {prior} as it is."]
        if gain.high >= 0:
            lines.append("The interval of the difference holds 0: it may be chance.")
        if score.part == "floor":
            lines.append(f"`--timing {prior}` has that floor; --no-floor leaves it out of the preset.")
        return lines
    if alone and alone.high < 0:
        return [
            f"The {part} predict held-out groups worse than those of the corpus alone: fit without --prior."
        ]
    return []
