"""How a corpus is laid out, where its files do not say so and the rules guess otherwise."""

import dataclasses
import re
from typing import Literal

from babble_jax.conversation.layout.table_options import parse_columns, parse_time_unit

_PATTERNS = ("tiers", "not_tiers", "silence", "laughter", "noise", "conversation")


@dataclasses.dataclass(frozen=True)
class Layout:
    """Says whose speech is in which tier, column and file, and which labels are none.

    What is not given is found by rules, and what they found is in `Reading.tiers` and `Reading.notes`. Patterns are
    regular expressions, searched for in the name or label whatever its case.

    Attributes:
      tiers: Pattern (a regular expression) of the tiers that are speech; all others are left out. A group `speaker`
        says whose: `(?P<speaker>.+) - words`.
      not_tiers: Pattern of tiers that are left out.
      silence: Pattern of labels that mean silence.
      laughter: Pattern of labels that mean laughter.
      noise: Pattern of labels that mean noise or breath, which are not taken for speech.
      conversation: Pattern of the names of files, each of which holds one speaker, with the groups `conversation` and
        `speaker`: `(?P<conversation>.+)_(?P<speaker>.+)`.
      same_names: Whether speakers of the same name in several conversations are the same people, so that these
        conversations are one group, or only have the same role or channel. By default names such as A, spk1, left or
        interviewer are roles, and others people.
      columns: Columns of a table that have other names: `start=tmin end=tmax speaker=who`.
      time_unit: Unit of a table's times: s, ms, samples:RATE or frames:RATE, RATE a second.

    Raises:
      ValueError: a pattern that is no regular expression, or one without the groups that it needs.

    Examples:
      >>> Layout(tiers=r"(?P<speaker>.+) - words").tiers
      '(?P<speaker>.+) - words'
    """

    tiers: str | None = None
    not_tiers: str | None = None
    silence: str | None = None
    laughter: str | None = None
    noise: str | None = None
    conversation: str | None = None
    same_names: Literal["people", "roles"] | None = None
    columns: tuple[str, ...] = ()
    time_unit: str | None = None

    def __post_init__(self):
        for name in _PATTERNS:
            pattern = getattr(self, name)
            if pattern is None:
                continue
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                raise ValueError(
                    f"{name.replace('_', '-')}: {pattern!r} is no regular expression ({error}); correct it"
                ) from None
            if name == "conversation" and {"conversation", "speaker"} - set(groups):
                raise ValueError(
                    f"conversation: {pattern!r} must have the groups (?P<conversation>...) and (?P<speaker>...)"
                )

        if self.same_names not in (None, "people", "roles"):
            raise ValueError(f"same-names: {self.same_names!r} is none of people, roles; choose one")
        parse_columns(self.columns)
        if self.time_unit is not None:
            parse_time_unit(self.time_unit)

    def search(self, name: str, text: str) -> re.Match[str] | None:
        """Searches a text for one of the patterns; None where it is not given or not found.

        Args:
          name: of the attribute.
          text: name of a tier or file, or label.
        """
        pattern = getattr(self, name)
        return None if pattern is None else re.search(pattern, text, re.IGNORECASE)


NO_OPTIONS = Layout()
