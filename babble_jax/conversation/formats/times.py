"""Parses the times of tables and JSON in any unit, and doubts a unit by which no segment could be one of speech."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from babble_jax.conversation.layout.plausibility import LONGEST_MEDIAN, SHORTEST_MEDIAN
from babble_jax.conversation.layout.table_options import TimeUnit
from babble_jax.conversation.source import check_time, parse_seconds, quote

LONGEST_WHOLE_MEDIAN = 10.0
"""Seconds of the median segment from which on times that are whole numbers throughout are probably no seconds."""
ASK = "say the unit by --time-unit s, ms, samples:RATE or frames:RATE"

_CLOCK = re.compile(r"(?:(\d{1,4}) days? )?(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d{0,12})?)", re.ASCII)
_ISO = re.compile(r"P(?:(\d{1,4})D)?T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4}(?:\.\d{1,12})?)S)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})", re.ASCII)
_LONGEST_CLOCK = 60  # characters


def parse_clock(text: str) -> float | None:
    """Parses a time with a colon (`1:02:03.5`, `02:03,5`) or of ISO 8601 (`PT1M2.5S`), in seconds; None for another."""
    text = text.strip()
    match = (_CLOCK.fullmatch(text) or _ISO.fullmatch(text)) if len(text) <= _LONGEST_CLOCK else None
    if match is None:
        return None
    days, hours, minutes, seconds = (group or "0" for group in match.groups())
    total = 86400 * int(days) + 3600 * int(hours) + 60 * int(minutes)
    return check_time(round(total + float(seconds.replace(",", ".")), 9), text)


def make_parser(unit: str | None, time_unit: TimeUnit | None) -> Callable[[str], float]:
    """Makes the function that parses a time of a column into seconds.

    Args:
      unit: that the column's name says; None for seconds.
      time_unit: that the user says, which counts.

    Returns:
      It takes a text, in which a comma may stand for the point, and raises `ValueError` with the reason, for a `Skip`.
    """
    name, rate = time_unit or TimeUnit(unit or "s", {"ms": 1000.0, "ticks": 1e7}.get(unit or "s", 1.0))

    def parse(text: str) -> float:
        text = text.strip()
        if ":" in text or text.startswith("P"):
            time = parse_clock(text)
            if time is None:
                raise ValueError(f"'{quote(text)}' is not a time (hh:mm:ss.msec)")
            return time
        number = text
        if text.count(",") == 1 and "." not in text:
            number = text.replace(",", ".")
        if name in ("s", "clock"):
            return parse_seconds(number[:-1] if number.endswith("s") and number[:1].isdigit() else number)
        if not _NUMBER.fullmatch(number):
            raise ValueError(f"'{quote(text)}' is not a time in {_LONG.get(name, name)}")
        return check_time(float(f"{number}e-3") if rate == 1000 else float(number) / rate, text)

    return parse


_LONG = {"ms": "milliseconds", "ticks": "ticks of 100 ns"}


def ask_rate(unit: str | None, name: str) -> str | None:
    """Asks for the rate of a unit that has none; None where it needs none.

    Args:
      unit: that the name of a column says.
      name: of the column.
    """
    if unit not in ("samples", "frames"):
        return None
    return f"the column {quote(name)} counts {unit}: say how many a second has by --time-unit {unit}:RATE"


def doubt_unit(
    onset: Sequence[float], end: Sequence[float], integers: bool, unit: str | None, name: str
) -> str | None:
    """Says why times are probably in another unit than they were read in; None where they are plausible.

    Args:
      onset: [N] of the segments, seconds as they were read.
      end: [N] seconds.
      integers: whether all times are whole numbers in the file.
      unit: that the name of their column says; None where it says none.
      name: of the column.
    """
    durations = np.array(end, np.float64) - np.array(onset, np.float64)
    durations = durations[durations > 0]
    if not len(durations) or unit == "clock":
        return None
    median = float(np.median(durations))
    unsaid = integers and unit is None and median > LONGEST_WHOLE_MEDIAN
    if SHORTEST_MEDIAN <= median <= LONGEST_MEDIAN and not unsaid:
        return None
    numbers = ", and all times are whole numbers" if integers else ""
    return (
        f"as {_LONG.get(unit or 's', 'seconds')} the times of the column {quote(name)} would make the median segment "
        f"{median:.4g} s long{numbers}: {ASK}"
    )
