"""Counts of dialogue events."""

import dataclasses

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, FtoLevel
from babble_jax.cli.messages import print_json, report_skipped
from babble_jax.timing.events.ipu import Definitions


@dataclasses.dataclass(frozen=True)
class Events:
    """Counts the events of annotated conversations: IPUs, pauses, gaps, overlaps, backchannels, floor-transfer offsets.

    Attributes:
      paths: Annotation files or folders.
      format: Format of the annotation.
      fto_level: Level of the floor-transfer offsets.
      definitions: Definitions of the dialogue events.
      json: Print one JSON object on standard output, and nothing else.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    fto_level: FtoLevel = "ipu"
    definitions: Definitions = Definitions()
    json: bool = False

    def run(self) -> None:
        """Reads the annotation, counts its events and prints the counts."""
        from babble_jax.conversation.reading import read
        from babble_jax.timing.events import events
        from babble_jax.timing.events.corpus_text import summary_text

        reading = read(self.paths, self.format)
        values = events(reading.conversations, self.definitions, self.fto_level)
        values["skipped"] = [dataclasses.asdict(skip) for skip in reading.skipped]
        if self.json:
            print_json(values)
        else:
            report_skipped(reading.skipped)
            speakers = [name for conversation in reading.conversations for name in conversation.speakers]
            print(summary_text(values, speakers))
