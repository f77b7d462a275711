"""The section on phone errors over minutes of training, our ear's and PyTorch's, of the page of benchmarks."""

from experiments.report.results import Result
from experiments.report.tables import columns, number, picture, source, table


def section_on_ctc(result: Result | None) -> list[str]:
    """Tabulates the errors of both at each mark and how many updates they had made; nothing without a result."""
    if result is None:
        return []
    values = result.values
    ours, torch = (
        {row["minutes"]: row for row in result.rows if row["peer"] == peer} for peer in ("ours", "torch")
    )
    rows = [
        [
            f"{mark:g}",
            number(ours[mark]["steps"]),
            number(torch[mark]["steps"]),
            number(ours[mark]["steps"] / torch[mark]["steps"], 2),
            number(100 * ours[mark]["phone_error_rate"], 1),
            number(100 * torch[mark]["phone_error_rate"], 1),
        ]
        for mark in sorted(ours.keys() & torch.keys())
    ]
    rates, cores = values["updates_per_minute"], values["machine"]["cores"]
    return [
        "## Time to phone errors",
        f"An ear of {number(values['parameters'] / 1e6, 2)} million parameters learns the phones of "
        f"{number(values['minutes_of_training_speech'], 1)} min of speech, once by babble_jax and once by a plain "
        "PyTorch ear of the same shape: from the same parameters, with the same features, the same batches in the same "
        "order, the same classification of steps beside CTC and the same Adam at a constant learning rate. They take "
        f"turns of a minute on {cores} core{'s' * (cores > 1)} of one machine, and only updates count as time. After "
        f"the first mark babble_jax makes {number(rates['ours'])} updates in a minute, PyTorch "
        f"{number(rates.get('torch'))}.",
        columns(
            {
                "minutes": "of training, evaluations left out, compilation included.",
                "updates": "made by then, and their ratio.",
                "errors": f"in a hundred phones of {number(values['held_out'])} recordings of the validation split, "
                "by the best path.",
            }
        ),
        table(
            [
                "minutes",
                "updates, babble_jax",
                "updates, PyTorch",
                "ratio",
                "errors, babble_jax",
                "errors, PyTorch",
            ],
            rows,
        ),
        picture(
            result.name,
            "Phone error rate of the validation split over minutes of training, a line for babble_jax and one for "
            "PyTorch",
        ),
        source(result),
    ]
