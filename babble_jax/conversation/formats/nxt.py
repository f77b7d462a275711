"""NXT timed units, as the Map Task has them: `q1ec1.f.timed-units.xml` and `q1ec1.g.timed-units.xml` are a
pair.

- `<tu>`, a word, is speech. `<noi type="laugh">` is laughter and `<noi type="unintelligible">` speech.
  `<sil>` and all other noises (breaths, lip smacks, low amplitude, non-vocal, coughs) are silence: they are
  not addressed to the other, and as speech the breaths before and after a turn would hide its edges.
- The root's id says whose units they are: `tu.q1ec1.f` is the follower (f) of q1ec1, g the giver.
- The units of a speaker tile the recording from 0, but end with the last that was annotated, not with the
  recording: the window is 0 to the later end of the two, and the other speaker is silent until then.
- Times have four decimals. The group is the quad of people, the first three letters of the id.
"""

import re

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Mark
from babble_jax.conversation.formats.markup import Markup
from babble_jax.conversation.source import Row, Skip, Source, annotate, parse_interval, quote

NAME = "nxt"
TIME_RESOLUTION = 0.0001

_MARKS = {"laugh": Mark.LAUGHTER, "unintelligible": Mark.SPEECH}


def sniff(head: str) -> bool:
    """Returns whether a file begins as a root element of NXT with timed units in it."""
    return "<nite:root" in head and re.search(r"<(tu|sil|noi)\s", head) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the speaker of a conversation that a file holds. Of a file that is not well-formed nothing is taken."""
    units = _Units(source)
    if not units.parse():
        return [], units.skipped
    if not units.rows:
        return [], units.skipped or [Skip(source.path, None, "no timed unit")]
    windows = [(0.0, max(row.end for row in units.rows))]
    annotation = annotate(
        units.rows, source, unit="word", windows=windows, time_resolution=TIME_RESOLUTION, files="pair"
    )
    return [annotation], units.skipped


class _Units(Markup):
    def __init__(self, source: Source):
        super().__init__(source)
        self.rows: list[Row] = []
        self._inside = False
        self._root: re.Match | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        outermost, self._inside = not self._inside, True
        if name == "nite:root" and outermost:
            id = attributes.get("id", "")
            self._root = re.fullmatch(r"tu\.(\S+)\.(\w+)", id)
            if self._root is None:
                raise ValueError(f"the root's id '{quote(id)}' names no speaker (tu.q1ec1.f)")
        elif name in ("tu", "sil", "noi") and self._root is not None:
            mark = Mark.SPEECH if name == "tu" else _MARKS.get(attributes.get("type", ""))
            times = parse_interval(attributes.get("start", ""), attributes.get("end", ""))
            self.rows.append(Row(self._root[1], self._root[2], *times, mark))
