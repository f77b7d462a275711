"""Data sets from folders of recordings."""

import dataclasses
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from babble_jax.cli.messages import print_line
from babble_jax.plural import plural

if TYPE_CHECKING:
    from babble_jax.dataset.recordings import DatasetReport


MOST_SILENCE = 1 / 3
"""Share of silence in recordings beyond which a voice is likely to be silent."""
LONGEST_PAUSE = 0.3
"""Seconds to which pauses are shortened where a message proposes it."""


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Makes a data set for training from folders of sound files.

    Files may be of any type that libsndfile reads: wav, flac, ogg, mp3, aiff and others.

    Attributes:
      audio_dir: One or more folders, or files; each sub-folder of a folder is one speaker. Or the name of a Debian
        package of speech, which is downloaded: festvox-ru, or asterisk-core-sounds-LANGUAGE-g722 (en, es, fr, it or
        ru). Or excerpt, minutes of read speech that ship. Or chip, 8-bit sounds with human timing, or
        opera-soprano, opera-alto, opera-tenor or opera-bass, sung vowels, which are synthesized. Or, with --notes, any
        other name, such as piano, for the instrument of the notes.
      out: Folder for the data set. It must be new or empty.
      sample_rate: Sample rate of the data set, in Hz; 16000 or less where sound is synthesized.
      trim: Cut silence off both ends of each recording.
      pad: Silence that is added to both ends of each recording after trimming, in seconds. A voice that is conditioned
        on speech activity learns silence from it.
      rescale: Scale each recording to the same peak amplitude. By default one gain is used for all of them.
      piece: Cut recordings that are longer than this, in seconds, at their pauses; 0 leaves them as they are. Fewer
        than three recordings of 10 s or more are cut into ten pieces or more, so that there are three splits, and so
        are fewer than ten of which each has three pieces or more.
      longest_pause: Shorten pauses within a recording that are longer than this, in seconds, by cutting out their
        middle (0.3, say); 0 leaves them as they are. A voice learns to be silent from recordings with much silence.
      minutes: Minutes of sound that is synthesized, of each kind that is named; 20 if not given.
      seed: Random seed of sound that is synthesized; 0 if not given.
      speaker: Speaker of the voice babblers, woman or man, whose timing, melody and level sound that is synthesized
        has; woman if not given.
      notes: Folder of the sound files of an instrument, a note in each, whose pitch the name of the file says (A0v1,
        sax_d#3) or else its sound. Of them sound with the timing of speech is synthesized.
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
    longest_pause: float = 0.0
    minutes: float | None = None
    seed: int | None = None
    speaker: str | None = None
    notes: Path | None = None
    yes: bool = False

    def run(self) -> None:
        """Builds the data set; prints its contents and the files that could not be used."""
        from babble_jax.cli.estimate import READING_RATE, confirm
        from babble_jax.dataset.building import build_dataset, check_synthesis, measure_sources
        from babble_jax.dataset.recordings import KIND, MOST_PAD, SAMPLE_RATES
        from babble_jax.files import check_folder

        check_synthesis(
            self.audio_dir,
            self.sample_rate,
            minutes=self.minutes,
            seed=self.seed,
            speaker=self.speaker,
            notes=self.notes,
        )
        if SAMPLE_RATES[0] <= self.sample_rate <= SAMPLE_RATES[1] and 0 <= self.pad <= MOST_PAD:
            check_folder(self.out, KIND)  # `build_dataset` says the rest
            count, seconds = measure_sources(self.audio_dir, self.minutes, self.notes)
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
            longest_pause=self.longest_pause,
            minutes=self.minutes,
            seed=self.seed,
            speaker=self.speaker,
            notes=self.notes,
        )
        print_report(report)
        for line in self._next_steps():
            print_line(line, sys.stderr)

    def _next_steps(self) -> list[str]:
        """Says how to hear sound that was synthesized, of which no file is kept, and how to train; else nothing."""
        from babble_jax.dataset.recipes import SYNTHESIZED

        kinds = [one for one in self.audio_dir if one in SYNTHESIZED and not Path(one).exists()]
        if not kinds:
            return []
        arguments = {"seed": self.seed, "speaker": None if self.speaker is None else json.dumps(self.speaker)}
        options = "".join(f", {name}={value}" for name, value in arguments.items() if value is not None)
        call = f'write_recordings("{kinds[0]}", "sounds", minutes=1{options})'
        program = f"from babble_jax.synthesis.recordings import write_recordings; {call}"
        out = str(self.out)
        return [
            f"to hear it, as sound files: python -c {shlex.quote(program)}",
            f"next: babble train {shlex.quote(out)} --preset speech --workdir {shlex.quote(f'{out}-run')}",
        ]


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
    for line in silence_lines(report.silent_share, report.removed_share):
        print_line(line, sys.stderr)
    if not contents:
        return
    for split, count in report.counts.items():
        share = report.seconds[split] / sum(report.seconds.values())
        print(f"{split:10} {count:6} recordings {report.seconds[split] / 60:8.1f} min {share:6.1%}")
    print_line(
        f"{report.path}: {report.sample_rate} Hz, {plural(len(report.speakers), 'speaker')}, gain "
        f"{report.gain:.3f}"
    )


def silence_lines(silent: float, removed: float = 0.0) -> list[str]:
    """Says how much of recordings is silence, and warns where a voice would learn to be silent from them.

    Args:
      silent: share of silence before pauses were shortened.
      removed: share of the recordings that was cut out of their pauses then.
    """
    line = f"silence: {silent:.0%} of the recordings"
    if removed:
        silent = (silent - removed) / (1 - removed)
        line += f"; pauses were shortened by {removed:.0%} of them, so that {silent:.0%} of the data set is silence"
    if silent <= MOST_SILENCE:
        return [line]
    return [
        line,
        f"warning: {silent:.0%} is silence, and a voice that is not told when to speak learns to be silent from it; "
        f"shorten the pauses: make the data set with --longest-pause {LONGEST_PAUSE}.",
    ]
