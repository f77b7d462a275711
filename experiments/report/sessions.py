"""The section on live sessions of the page of benchmarks."""

from experiments.report.results import Result
from experiments.report.tables import columns, number, source, table

_MEASURES = {
    "departs_ms": "departs",
    "softer_for_good_ms": "softer",
    "last_above_60_dbfs_ms": "above -60 dBFS",
    "last_above_50_below_level_ms": "above -50 dB",
    "ungated_last_above_30_below_level_ms": "ungated, above -30 dB",
}
_SHARES = ("median", "p95", "max")


def section_on_sessions(result: Result, voice: str) -> list[str]:
    """Tabulates how sessions stop, and the time of their steps.

    Args:
      result: of `experiments.bench.session`.
      voice: name of the voice.
    """
    stops, rest = [], []
    for row in result.rows:
        name = [row["speaker"] or "one", row["sampler"]]
        stops += [
            [*name, measure, *(number(row[key][share], 1) for share in _SHARES)]
            for key, measure in _MEASURES.items()
            if key in row
        ]
        clicks = [row[kind]["largest_treble_dbfs"] for kind in ("going_on", "stopped", "told_at_random")]
        first = row.get("first_milliseconds", {})
        steps = [
            number(one.get(share), 1)
            for one in (row["step_milliseconds"], first)
            for share in ("median", "p99")
        ]
        rest.append([*name, *(number(one["p99"], 1) for one in clicks), *steps])
    return [
        f"## Live sessions of {voice}",
        f"The voice, told to stop at {result.rows[0]['moments']} random moments of each speaker and sampler; "
        "milliseconds from the stop.",
        columns(
            {
                "departs": "first sample that differs from a branch that goes on.",
                "softer": "from then on softer than that branch in every window of 5 ms.",
                "above -60 dBFS, above -50 dB": "last sample above; -50 dB is below the speaker's level.",
                "ungated, above -30 dB": "last sample above, by the voice alone, without the gate.",
            }
        ),
        table(["speaker", "sampler", "measure", "median", "95th percentile", "largest"], stops),
        source(result),
        "The largest power above 5.5 kHz in 2.5 ms, in dB of full scale, 99th percentile, of speech that goes on, from "
        "a stop on, and where it is told to start and to stop 4 ms to 0.3 s apart; processor milliseconds of a step of "
        "20 ms, and of the first one that speaks.",
        table(
            [
                "speaker",
                "sampler",
                "going on",
                "stopped",
                "at random",
                "step, median",
                "step, 99th percentile",
                "first, median",
                "first, 99th percentile",
            ],
            rest,
        ),
        source(result),
    ]
