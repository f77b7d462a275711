"""Counts of dialogue events, and tables of them."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, FtoLevel, LayoutOptions, Quiet
from babble_jax.cli.messages import print_json, print_line, report_reading
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError
from babble_jax.timing.events.ipu import Definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babble_jax.conversation.conversation import Conversation
    from babble_jax.timing.distributions.model import TimingModel


@dataclasses.dataclass(frozen=True)
class Events:
    """Counts pauses, gaps, overlaps, backchannels and offsets.

    Events are those of annotated conversations, IPUs and floor-transfer offsets among them, per minute. Medians
    have 95 % intervals over groups of conversations that share people. With --out every event is a row of a table
    for R or pandas. In recordings, speech is detected first; `babble inspect` writes what was detected, to be
    corrected.

    Attributes:
      paths: Annotation files or folders.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      fto_level: Level of the floor-transfer offsets. Tables hold both levels.
      definitions: Definitions of the dialogue events.
      quiet: Do not print how the annotation was understood.
      json: Print one JSON object on standard output, and nothing else.
      out: Folder for tables of all events: conversations, speakers, ipus, transitions, ftos; and a README that
        describes each column. It must not exist yet; see --overwrite.
      format_out: Format of the tables. Parquet needs the package pyarrow.
      text: Include in the tables the words of IPUs and turns.
      overwrite: Replace earlier tables in the output folder.
      plot: PNG file for a histogram of the floor-transfer offsets.
      against: Timing preset whose distribution is drawn over the histogram: a name (`babble timings` lists them), or a
        file that `babble fit --out` wrote.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    fto_level: FtoLevel = "ipu"
    definitions: Definitions = Definitions()
    quiet: Quiet = False
    json: bool = False
    out: Path | None = None
    format_out: Literal["csv", "parquet"] = "csv"
    text: bool = False
    overwrite: bool = False
    plot: Path | None = None
    against: str | None = None

    def run(self) -> None:
        """Reads the annotation, counts its events, writes the tables and the picture, and prints the counts."""
        from babble_jax.conversation.reading import read
        from babble_jax.conversation.reading_text import reading_values
        from babble_jax.conversation.shards import list_speakers
        from babble_jax.timing.events import events
        from babble_jax.timing.events.corpus_text import summary_text

        self._check_out()
        reference, ftos = self._check_plot(), ""
        reading = read(self.paths, self.format, self.layout, self.text)
        values = events(reading.conversations, self.definitions, self.fto_level)
        values["monologues"] = [*(one.id for one in reading.monologues), *values["monologues"]]
        values["read"] = reading_values(reading)
        values["skipped"] = [dataclasses.asdict(skip) for skip in reading.skipped]
        if self.out is not None:
            ftos = self._write_tables(self.out, reading.conversations, values["monologues"])
        if self.plot is not None:
            self._plot(self.plot, reading.conversations, values, reference)
        if self.json:
            print_json(values)
            return
        report_reading(reading, self.quiet)
        print(summary_text(values, list_speakers(reading.conversations)))
        if self.out is not None:
            print_line(self.out)
            print_line(f"{self.out / f'ftos.{self.format_out}'}: {ftos}")
        if self.plot is not None:
            print_line(self.plot)

    def _check_out(self) -> None:
        """Raises `BabbleError` before long work where the tables cannot be written, or an option needs them."""
        if self.out is None:
            options = {
                "--format-out": self.format_out != "csv",
                "--text": self.text,
                "--overwrite": self.overwrite,
            }
            for option in (name for name, is_set in options.items() if is_set):
                raise BabbleError(f"{option} is of the tables; name a folder for them with --out, too.")
            return
        from babble_jax.files import check_folder
        from babble_jax.timing.events.table_files import KIND, require_format

        require_format(self.format_out)
        check_folder(self.out, KIND, self.overwrite)

    def _check_plot(self) -> "TimingModel | None":
        """Returns the distribution to draw; raises `BabbleError` before long work where it cannot be drawn."""
        if self.plot is None:
            if self.against is not None:
                raise BabbleError("--against is of the picture; name a file for it with --plot, too.")
            return None
        from babble_jax.cli.outputs import check_output

        check_output(self.plot, ".png")
        if self.against is None:
            return None
        from babble_jax.timing.preset import load_timing

        preset = load_timing(self.against)
        if self.fto_level not in preset.models:
            raise BabbleError(
                f"The timing preset {preset.name} holds no distribution at level {self.fto_level}; choose another "
                "preset or --fto-level."
            )
        return preset.models[self.fto_level]

    def _write_tables(
        self, out: Path, conversations: "Sequence[Conversation]", monologues: "Sequence[str]"
    ) -> str:
        """Writes the tables; returns how many rows the table of FTOs has at each level."""
        from babble_jax.timing.events.table_files import write_tables
        from babble_jax.timing.events.tables import event_table_batches

        return write_tables(
            event_table_batches(conversations, self.definitions, self.text),
            out,
            format=self.format_out,
            definitions=self.definitions,
            monologues=monologues,
            overwrite=self.overwrite,
        )

    def _plot(
        self,
        path: Path,
        conversations: "Sequence[Conversation]",
        values: dict[str, Any],
        reference: "TimingModel | None",
    ) -> None:
        import numpy as np

        from babble_jax.timing.events import pool_ftos
        from babble_jax.timing.events.fto_picture import bin_edges, plot_fto_histogram

        fto = pool_ftos(conversations, self.fto_level, self.definitions).fto
        cdf = None if reference is None else (str(self.against), np.asarray(reference.cdf(bin_edges())))
        interval = values["interval"]["fto_median"]
        plot_fto_histogram(path, fto, fto_level=self.fto_level, interval=interval, reference=cdf)
