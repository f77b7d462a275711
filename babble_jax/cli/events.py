"""Counts of dialogue events."""

import dataclasses
import json
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from babble_jax.cli.messages import report_skipped
from babble_jax.timing.events.ipu import Definitions


@dataclasses.dataclass(frozen=True)
class Events:
    """Counts IPUs, pauses, gaps, overlaps and backchannels in annotated conversations, and their turn timing.

    Attributes:
      paths: annotation files or folders of them; or recordings with a channel per speaker.
      format: ms98, rttm, mdtm, nxt, textgrid, elan, chat, table or channels (recordings, a speaker on each
        channel); found by content if absent.
      level: of the floor-transfer offsets: between IPUs, or between turns (without backchannels).
      definitions: what counts as which event.
      json: print one JSON object, and nothing else, on standard output.
    """

    paths: Positional[tuple[Path, ...]]
    format: str | None = None
    level: Literal["ipu", "turn"] = "ipu"
    definitions: Definitions = Definitions()
    json: bool = False

    def run(self) -> None:
        """Reads, counts, prints."""
        from babble_jax.conversation.reading import read
        from babble_jax.timing.events import summary
        from babble_jax.timing.events.corpus_text import summary_text

        reading = read(self.paths, self.format)
        values = summary(reading.conversations, self.definitions, self.level)
        values["skipped"] = [dataclasses.asdict(skip) for skip in reading.skipped]
        if self.json:
            print(json.dumps(values, ensure_ascii=False, allow_nan=False))
        else:
            report_skipped(reading.skipped)
            print(summary_text(values))
