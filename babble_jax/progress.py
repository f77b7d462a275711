"""Progress of long work: a bar on a terminal, plain lines elsewhere. Always on standard error."""

import sys
import time
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Self

from babble_jax.printable import escape_unprintable

if TYPE_CHECKING:
    import rich.progress


_LATEST, _LEAST = 0.5, 60.0
"""The rate is that of the latest share of the time, and of at least so many seconds."""
_MARKS = 100
_UNITS = ((365.25 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def format_duration(seconds: float) -> str:
    """Formats a duration to three digits, in the largest unit of which it has one."""
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def format_estimate(seconds: float) -> str:
    """Rounds a duration that is no more than an estimate as a person would say it.

    Examples:
      >>> [format_estimate(seconds) for seconds in (4.2, 33, 110, 4000, 10_000, 700_000)]
      ['4 s', '35 s', '2 min', '67 min', '3 h', '8 days']
    """
    if 1 <= seconds < 10:
        return f"{seconds:.0f} s"
    if 10 <= seconds < 90:
        return f"{5 * round(seconds / 5)} s"
    if 90 <= seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if 90 * 60 <= seconds < 36 * 3600:
        return f"{round(2 * seconds / 3600) / 2:g} h"
    if 36 * 3600 <= seconds < 730 * 86_400:
        return f"{seconds / 86_400:.0f} days"
    return format_duration(seconds)


def format_time_left(seconds: float) -> str:
    """Formats the time that work still takes: seconds, minutes, hours and minutes, or days.

    Examples:
      >>> format_time_left(41.7), format_time_left(130), format_time_left(4000), format_time_left(800_000)
      ('42 s', '2 min', '1:07 h', '9.26 days')
    """
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds >= 100 * 3600:
        return format_duration(seconds)
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60}:{minutes % 60:02} h"


class Progress:
    """Counts units of work; shows their rate, the time left and the latest metrics.

    Args:
      description: of the work, a few words.
      total: number of units; None if it is not known.
      unit: the unit of the rate, e.g. "steps".
      every: seconds between plain lines if standard error is no terminal.
      done: units of the total that earlier work has done.
      shown: whether anything is shown; of several processes that do the same work one shows it.
    """

    def __init__(
        self,
        description: str,
        total: int | None,
        unit: str = "items",
        every: float = 10.0,
        done: int = 0,
        shown: bool = True,
    ):
        description = escape_unprintable(description)
        self._description, self._total, self._unit, self._every = description, total, unit, every
        self._start = self._last = time.monotonic()
        self._done = self._before = done
        self._marks: deque[tuple[float, int]] = deque()  # times and units, from the first update on
        self._bar: rich.progress.Progress | None = None
        self._shown = shown
        if shown and sys.stderr.isatty():
            from rich import console, markup, progress  # loaded where there is a terminal to draw on

            self._bar = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TextColumn("{task.fields[metrics]}"),
                console=console.Console(stderr=True),
            )
            self._task = self._bar.add_task(
                markup.escape(description), total=total, completed=done, metrics=""
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif kind is None:
            self._line("", time.monotonic())

    def update(self, advance: int = 1, **metrics: float | str) -> None:
        """Counts `advance` units as done and shows `metrics` beside the bar."""
        self._done += advance
        now = time.monotonic()
        self._mark(now)
        text = "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in metrics.items())
        if self._bar is not None:
            self._bar.update(self._task, advance=advance, metrics=f"{self._speed(now)}  {text}")
        elif now - self._last >= self._every:
            self._last = now
            self._line(text, now)

    def _line(self, metrics: str, now: float) -> None:
        if not self._shown:
            return
        text = f"{self._description}: {self._done}{f'/{self._total}' if self._total else ''} {self._unit}"
        text += f", {self._speed(now)}"
        print(text + (f"  {metrics}" if metrics else ""), file=sys.stderr, flush=True)

    def _mark(self, now: float) -> None:
        """Remembers how much is done, and forgets what is too long ago to count in the rate."""
        elapsed = now - self._start
        if not self._marks or now - self._marks[-1][0] >= elapsed / _MARKS:
            self._marks.append((now, self._done))
        while len(self._marks) > 1 and self._marks[1][0] <= now - max(_LEAST, _LATEST * elapsed):
            self._marks.popleft()

    def _speed(self, now: float) -> str:
        """Formats the rate, and the time left where it is known and something is left.

        The rate is that of the latter half of the time since the first update, before which the work may have been
        compiled, as it may be for each of several shapes; up to the first update it is that since the start, from which
        no time left is computed.

        Args:
          now: seconds, of the clock of the start.
        """
        start, before = self._start, self._before
        measured = bool(self._marks) and self._done > self._marks[0][1]
        if measured:
            start, before = self._marks[0]
        rate = (self._done - before) / max(now - start, 1e-9)
        text = f"{rate:.3g} {self._unit}/s"
        if not (measured and self._total and self._done < self._total):
            return text
        return f"{text}, {format_time_left((self._total - self._done) / rate)} left"
