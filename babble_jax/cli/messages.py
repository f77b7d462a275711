"""What every verb tells people in the same way."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from babble_jax.errors import BabbleError


@contextlib.contextmanager
def as_user_error() -> Iterator[None]:
    """Options that make no sense together are the caller's error, told in their own sentence."""
    try:
        yield
    except ValueError as error:
        raise BabbleError(f"{error}.") from error


def report_skipped(skipped: Sequence[Any], shown: int = 10) -> None:
    """Lists on standard error what a reader passed over."""
    for skip in skipped[:shown]:
        line = "" if skip.line is None else f", line {skip.line}"
        print(f"skipped: {skip.file}{line}: {skip.reason}", file=sys.stderr)
    if len(skipped) > shown:
        print(f"skipped: {len(skipped) - shown} more; `babble events --json` lists them all", file=sys.stderr)
