"""How annotation is understood."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from babble_jax.cli.annotation import AnnotationFormat, AnnotationPaths, LayoutOptions
from babble_jax.cli.messages import print_json, print_line, report_skipped
from babble_jax.conversation.layout.layout import Layout
from babble_jax.errors import BabbleError

if TYPE_CHECKING:
    from babble_jax.conversation.reading import Reading


@dataclasses.dataclass(frozen=True)
class Inspect:
    """Shows how annotation of conversations is understood.

    It prints whose speech is in which tier, what is left out, and which labels are silence, laughter or noise. What is
    wrong is corrected by the options --tiers, --not-tiers, --silence, --laughter, --noise, --conversation,
    --columns and --time-unit, which the other verbs on conversations take, too. In a recording with a speaker on each
    channel, speech is detected; with --annotation it is written for Praat or ELAN, to be corrected there and given to
    any verb in place of the recording.

    Attributes:
      paths: Annotation files or folders, or recordings.
      format: Format of the annotation.
      layout: How the files are laid out, where it is guessed otherwise.
      plot: PNG file for a picture of the first minutes of the first conversation, as they are understood.
      minutes: Minutes that the picture shows.
      annotation: Write the speech that was detected in a recording into this file, a tier for each channel. The
        ending of the name says the format: .TextGrid for Praat, .eaf for ELAN, or .rttm. The file must not exist yet;
        see --overwrite.
      overwrite: Replace an earlier file of --annotation. What was corrected in it is lost.
      json: Print one JSON object on standard output, and nothing else.
    """

    paths: AnnotationPaths
    format: AnnotationFormat = None
    layout: LayoutOptions = Layout()
    plot: Path | None = None
    minutes: float = 2.0
    annotation: Path | None = None
    overwrite: bool = False
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
        if self.annotation is not None:
            self._check_annotation(self.annotation)
        elif self.overwrite:
            raise BabbleError("--overwrite is of the annotation; name a file for it with --annotation, too.")
        reading = inspect(self.paths, self.format, self.layout)
        if self.plot is not None:
            from babble_jax.conversation.reading_picture import plot_reading

            first = (reading.conversations or reading.monologues)[0]
            plot_reading(self.plot, first, self.minutes)
        if self.annotation is not None:
            self._write_annotation(self.annotation, reading)
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
        for path in (self.plot, self.annotation):
            if path is not None:
                print_line(path)

    def _check_annotation(self, path: Path) -> None:
        """Raises `BabbleError` before the recording is listened to where its annotation cannot be written."""
        from babble_jax.conversation.writing import check_annotation_suffix
        from babble_jax.files import check_writable

        check_writable(path)
        check_annotation_suffix(path)
        if path.exists() and not self.overwrite:
            raise BabbleError(
                f"{path}: is there already, and may hold corrections; choose another name, or replace it with "
                "--overwrite."
            )

    def _write_annotation(self, path: Path, reading: "Reading") -> None:
        """Writes what was detected in the recordings of one conversation."""
        from babble_jax.conversation.formats import channels
        from babble_jax.conversation.writing import write_annotation

        annotation = [tier.file for tier in reading.tiers if tier.format != channels.NAME]
        if annotation:
            raise BabbleError(
                f"{annotation[0]}: is annotation already; --annotation writes what is detected in a recording."
            )
        conversations = (*reading.conversations, *reading.monologues)
        if len(conversations) != 1:
            raise BabbleError(
                f"--annotation is of one conversation, but there are {len(conversations)}: "
                f"{', '.join(one.id for one in conversations[:3])}; name the recordings of one."
            )
        write_annotation(path, conversations[0], reading.tiers[0].file)
