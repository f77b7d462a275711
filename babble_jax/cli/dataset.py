"""Data sets from folders of recordings."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_line

if TYPE_CHECKING:
    from babble_jax.dataset.recordings import DatasetReport


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Makes a data set for training from folders of sound files.

    Files may be of any type that libsndfile reads: wav, flac, ogg, mp3, aiff and others.

    Attributes:
      audio_dir: One or more folders, or files; each sub-folder of a folder is one speaker. Or the name of a Debian
        package of speech, which is downloaded: festvox-ru, or asterisk-core-sounds-LANGUAGE-g722 (en, es, fr, it or
        ru). Or excerpt, minutes of read speech that ship.
      out: Folder for the data set. It must be new or empty.
      sample_rate: Sample rate of the data set, in Hz.
      trim: Cut silence off both ends of each recording.
      pad: Silence that is added to both ends of each recording after trimming, in seconds. A voice that is conditioned
        on speech activity learns silence from it.
      rescale: Scale each recording to the same peak amplitude. By default one gain is used for all of them.
      piece: Cut recordings that are longer than this, in seconds, at their pauses; 0 leaves them as they are. Fewer
        than three recordings of 10 s or more are cut into ten pieces or more, so that there are three splits.
      yes: Begin work even if it takes more than a day, or more than the disk or the memory holds.
    """

    audio_dir: Annotated[
        Positional[tuple[str, ...]], arg(metavar="FOLDER...", help_behavior_hint="(required)")
    ]
    out: Path
    sample_rate: int = 16000
    trim: bool = True
    pad: float = 0.0
    rescale: bool = False
    piece: float = 30.0
    yes: bool = False

    def run(self) -> None:
        """Builds the data set; prints its contents and the files that could not be used."""
        from babble_jax.cli.estimate import READING_RATE, confirm
        from babble_jax.dataset.building import build_dataset, measure_sources
        from babble_jax.dataset.recordings import KIND, MOST_PAD, SAMPLE_RATES
        from babble_jax.files import check_folder

        if SAMPLE_RATES[0] <= self.sample_rate <= SAMPLE_RATES[1] and 0 <= self.pad <= MOST_PAD:
            check_folder(self.out, KIND)  # `build_dataset` says the rest
            count, seconds = measure_sources(self.audio_dir)
            samples = (seconds + 2 * self.pad * count) * self.sample_rate
            confirm(
                "dataset",
                seconds / READING_RATE,
                4 * samples,  # 2 bytes each, once more while the records are written
                self.out,
                self.yes,
                memory=2 * samples,
            )
        report = build_dataset(
            self.audio_dir,
            self.out,
            sample_rate=self.sample_rate,
            trim=self.trim,
            pad=self.pad,
            rescale=self.rescale,
            piece=self.piece,
        )
        print_report(report)


def print_report(report: "DatasetReport", contents: bool = True) -> None:
    """Prints what a data set holds, and on standard error the files that could not be used.

    Args:
      report: of the data set.
      contents: whether the contents are printed.
    """
    for path, reason in report.bad:
        print_line(f"left out: {path}: {reason}", sys.stderr)
    for note in report.notes:
        print_line(f"note: {note}", sys.stderr)
    if not contents:
        return
    for split, count in report.counts.items():
        print(f"{split:10} {count:6} recordings {report.seconds[split] / 60:8.1f} min")
    print_line(
        f"{report.path}: {report.sample_rate} Hz, {len(report.speakers)} speakers, gain {report.gain:.3f}"
    )
