"""The section on the live agent with each speaker of each voice: when it speaks, its sound, its times, pictures."""

from typing import Any

from experiments.report.results import Result
from experiments.report.tables import (
    ABSENT,
    columns,
    milliseconds,
    number,
    percent,
    picture,
    source,
    span,
    table,
)


def section_on_voices(result: Result | None) -> list[str]:
    """Tabulates a live agent with each speaker of each voice, and shows 20 s of each; nothing without a result."""
    if result is None:
        return []
    rows, minutes = result.rows, result.values["minutes"]
    return [
        "## With each voice",
        f"The agent of `babble live`, with each speaker of each voice, talked for {number(minutes)} minutes with the "
        "same simulated people. They hear every sound at once, speech or not, and speak with recorded speech, which "
        "the agent hears as it hears a user. Decisions come from the same random numbers with every voice: where rows "
        "differ, a voice was silent within an IPU, or late, and the partner acted otherwise. The clicks, which sound "
        "in every sample of an IPU and in no other, are what the timing does by itself. Devices and page add no delay.",
        columns(
            {
                "turns, backchannels": "of the agent, per minute.",
                "FTO, quartiles": "of the agent's answers, milliseconds; the partner's beside.",
                "below 0": "share of the agent's answers that begin before the partner's end.",
                "spoke over": "IPUs but backchannels that the agent began while the partner spoke, per minute.",
                "both speak": "share of the time.",
            }
        ),
        table(
            [
                "voice",
                "speaker",
                "turns",
                "backchannels",
                "FTO, median",
                "FTO, quartiles",
                "below 0",
                "spoke over",
                "both speak",
                "partner's FTO, median",
            ],
            [[*_names(row), *_talk(row, minutes)] for row in rows],
            left=2,
        ),
        source(result),
        "Its sound. Sound is what is not below -50 dB of full scale in 5 ms:",
        columns(
            {
                "level, peak": "of the active frames, and of the largest sample, dB of full scale.",
                "silent": "share of the time in which it should sound.",
                "breaks": "silences of 0.2 s and more per minute in which it should sound, which the partner takes for "
                "pauses.",
                "mute": "IPUs without any sound.",
                "first sound": "milliseconds from the decision to begin.",
            }
        ),
        table(
            [
                "voice",
                "speaker",
                "level",
                "peak",
                "silent",
                "breaks",
                "mute",
                "first sound, median",
                "95 %",
                "largest",
            ],
            [[*_names(row), *_sound(row)] for row in rows],
            left=2,
        ),
        source(result),
        "Its times on one core, of the processor, with other programs beside it. A hop has 20 ms; it is late where it "
        "is not ready 20 ms after it came, with the work that waits before it. The page holds 80 ms of sound in store.",
        columns(
            {
                "late, speaking": "share of all hops; of those in which it is to sound.",
                "opening": "seconds from the beginning of a session until its agent is there.",
            }
        ),
        table(
            [
                "voice",
                "speaker",
                "hop, median, ms",
                "99 %",
                "largest",
                "late",
                "speaking",
                "opening, s",
            ],
            [[*_names(row), *_times(row)] for row in rows],
            left=2,
        ),
        source(result),
        "20 s of each, the agent above and its partner below:",
        *(
            picture(
                "-".join(part for part in (result.name, row["voice"], row["speaker"]) if part),
                f"Waveforms of a live agent with the voice {' '.join(_names(row)).rstrip('- ')} and of its partner, "
                "with gaps and overlaps",
            )
            for row in rows
        ),
    ]


def _names(row: dict[str, Any]) -> list[str]:
    return [row["voice"], row["speaker"] or "-"]


def _talk(row: dict[str, Any], minutes: float) -> list[str]:
    agent, partner = (row["fto"][seat]["quartiles"] for seat in ("agent", "partner"))
    return [
        *(number(row[name] / minutes, 1) for name in ("turns", "backchannels")),
        *_offsets(agent),
        percent(row["fto"]["agent"]["below_zero"]),
        number(row["spoke_over"] / minutes, 1),
        percent(row["both_share"], 1),
        _offsets(partner)[0],
    ]


def _offsets(quartiles: list[float] | None) -> list[str]:
    """Writes the median, and the quartiles, of FTOs in seconds."""
    if quartiles is None:
        return [ABSENT, ABSENT]
    low, median, high = quartiles
    return [milliseconds(median), span([1000 * low, 1000 * high], 0)]


def _sound(row: dict[str, Any]) -> list[str]:
    first = row["first_sound_milliseconds"]
    return [
        number(row["level_db"], 1),
        number(row["peak_db"], 1),
        percent(row["silent_share"], 1),
        number(row["breaks_per_minute"], 1),
        f"{number(row['silent_ipus'])} of {number(row['decided_ipus'])}",
        *(number(first[name], 1) for name in ("median", "p95", "max")),
    ]


def _times(row: dict[str, Any]) -> list[str]:
    hop = row["hop_milliseconds"]
    return [
        *(number(hop[name], 1) for name in ("median", "p99", "max")),
        *(percent(row[name], 2) for name in ("late_share", "late_speaking_share")),
        number(row["opening_seconds"], 1),
    ]
