"""Finds the channel in the names of recordings of which each holds one channel of a conversation: `sw02001-A`."""

import re
from collections.abc import Iterable

_CHANNEL = re.compile(r"(.+?)[-_.]((?:ch(?:an(?:nel)?)?[-_]?)?(?:[A-Za-z]|[0-9]))")


def split_channels(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Splits names that agree but for the channel at their end: (conversation, channel) by name.

    A name is split where another one has the same beginning and another channel; all others are absent.

    Args:
      names: of recordings.
    """
    matches = {name: match for name in names if (match := _CHANNEL.fullmatch(name))}
    channels: dict[str, set[str]] = {}
    for match in matches.values():
        channels.setdefault(match[1], set()).add(match[2])
    return {name: (match[1], match[2]) for name, match in matches.items() if len(channels[match[1]]) > 1}
