"""Reads the options that say which column of a table is which, and in which unit its times are."""

import re
from collections.abc import Sequence
from typing import NamedTuple

ROLES = ("conversation", "speaker", "tier", "start", "end", "duration", "text", "mark")
"""Contents that a column may have."""


class TimeUnit(NamedTuple):
    """Unit of times.

    Attributes:
      name: s, ms, samples or frames.
      rate: number of them in a second.
    """

    name: str
    rate: float


def parse_columns(options: Sequence[str]) -> dict[str, str]:
    """Parses columns named by the user, such as `start=tmin`, into the name of the column of each role.

    Raises:
      ValueError: one that is none, a role that does not exist, or one that comes twice.
    """
    columns: dict[str, str] = {}
    for option in options:
        role, separator, name = (part.strip() for part in option.partition("="))
        if not separator or not name or role not in ROLES:
            raise ValueError(
                f"columns: {option!r} does not name a column; write ROLE=COLUMN, with one of {', '.join(ROLES)} as "
                "ROLE, and paths before the option"
            )
        if role in columns:
            raise ValueError(f"columns: {role} is named twice; name one column")
        columns[role] = name
    return columns


def parse_time_unit(text: str) -> TimeUnit:
    """Parses a unit of times: s, ms, samples:RATE or frames:RATE.

    Raises:
      ValueError: another one, or a rate that is not above 0.
    """
    match = re.fullmatch(r"(s|ms)|(samples|frames):([0-9]{1,9}(?:\.[0-9]{1,9})?)", text.strip())
    if match is None or (match[3] and float(match[3]) <= 0):
        raise ValueError(
            f"time-unit: {text!r} is no unit; choose s, ms, samples:RATE or frames:RATE, RATE being a second's"
        )
    if match[1]:
        return TimeUnit(match[1], 1.0 if match[1] == "s" else 1000.0)
    return TimeUnit(match[2], float(match[3]))
