"""The section on bits per sample over minutes of training, ours and PyTorch's, of the page of benchmarks."""

import itertools

from experiments.report.results import Result
from experiments.report.tables import columns, number, picture, source, table


def section_on_quality(result: Result) -> list[str]:
    """Tabulates bits per sample of both at each mark, how many updates they had made, and how much earlier ours was."""
    ours, torch = (
        {row["minutes"]: row for row in result.rows if row["peer"] == peer} for peer in ("ours", "torch")
    )
    minutes, cores = sorted(ours), result.values["machine"]["cores"]
    rows = [
        [
            f"{mark:g}",
            number(ours[mark]["steps"]),
            number(torch[mark]["steps"]),
            number(ours[mark]["steps"] / torch[mark]["steps"], 2),
            number(ours[mark]["bits"], 3),
            number(torch[mark]["bits"], 3),
            number(minutes_to(torch[mark]["bits"], minutes, [ours[one]["bits"] for one in minutes]), 1),
        ]
        for mark in sorted(ours.keys() & torch.keys())
    ]
    return [
        "## Time to quality",
        f"A three-tier SampleRNN of dim {result.values['dim']} learns speech from {result.values['batch']} recordings "
        "side by side, once by babble_jax and once by a plain PyTorch SampleRNN: from the same parameters, with the "
        "same batches in the same order and the same Adam. They take turns of a minute on "
        f"{cores} core{'s' * (cores > 1)} of one machine, and only updates count as time.",
        columns(
            {
                "minutes": "of training, evaluations left out.",
                "updates": "made by then, and their ratio.",
                "bits": "per sample, on the same recordings of the validation split.",
                "as good after": "minutes after which babble_jax has PyTorch's bits, by a line between its own marks "
                "over the logarithm of time; n/a where that is before its first mark.",
            }
        ),
        table(
            [
                "minutes",
                "updates, babble_jax",
                "updates, PyTorch",
                "ratio",
                "bits, babble_jax",
                "bits, PyTorch",
                "as good after",
            ],
            rows,
        ),
        picture(
            result.name,
            "Bits per sample of the validation split over minutes of training, a line for babble_jax and one for "
            "PyTorch",
        ),
        source(result),
    ]


def minutes_to(bits: float, minutes: list[float], reached: list[float]) -> float | None:
    """Computes the minutes after which a training reaches so many bits; None where that is outside of its marks.

    Args:
      bits: per sample.
      minutes: of the marks, rising.
      reached: bits at the marks, falling.
    """
    for (first, start), (last, end) in itertools.pairwise(zip(minutes, reached, strict=True)):
        if end <= bits <= start:
            return first * (last / first) ** ((start - bits) / (start - end))
    return None
