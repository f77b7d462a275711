"""How annotation is understood."""

import dataclasses
from pathlib import Path

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, LayoutOptions
from babble_jax.cli.messages import print_json, print_line, report_skipped
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError


@dataclasses.dataclass(frozen=True)
class Inspect:
    """Shows how annotation of conversations is understood.

    It prints whose speech is in which tier, what is left out, and which labels are silence, laughter or noise. What is
    wrong is corrected by the options --tiers, --not-tiers, --silence, --laughter, --noise, --conversation,
    --columns and --time-unit, which the other verbs on conversations take, too.

    Attributes:
      paths: Annotation files or folders.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      plot: PNG file for a picture of the first minutes of the first conversation, as they are understood.
      minutes: Minutes to draw.
      json: Print one JSON object on standard output, and nothing else.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    plot: Path | None = None
    minutes: float = 2.0
    json: bool = False

    def run(self) -> None:
        """Reads the annotation and prints how it was understood."""
        from babble_jax.conversation.reading import inspect
        from babble_jax.conversation.reading_text import format_reading, reading_values

        if not 0.01 <= self.minutes <= 1440:
            raise BabbleError(f"minutes is {self.minutes:g}; draw from 0.01 to 1440 of them.")
        if self.plot is not None:
            from babble_jax.cli.outputs import check_output

            check_output(self.plot, ".png")
        reading = inspect(self.paths, self.format, self.layout)
        conversations = (*reading.conversations, *reading.monologues)
        if self.plot is not None:
            from babble_jax.conversation.reading_picture import plot_reading

            plot_reading(self.plot, conversations[0], self.minutes)
        if self.json:
            print_json(
                {
                    "conversations": [one.id for one in reading.conversations],
                    "read": reading_values(reading),
                    "skipped": [dataclasses.asdict(skip) for skip in reading.skipped],
                }
            )
            return
        report_skipped(reading.skipped)
        for line in format_reading(reading, most=200).split("\n"):
            print_line(line)
        if self.plot is not None:
            print_line(self.plot)
