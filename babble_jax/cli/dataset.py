"""Recordings into a data set."""

import dataclasses
import sys
from pathlib import Path

from tyro.conf import Positional


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Makes a data set for training from folders of sound files (wav, flac, ogg, mp3).

    Attributes:
      audio_dir: the folder, or several; the sub-folders of each are speakers. Or a Debian package of speech, which is
        fetched first: festvox-ru, or asterisk-core-sounds-LANGUAGE-g722 with LANGUAGE one of en, es, fr, it, ru.
      out: folder for the data set; must not exist yet.
      sample_rate: Hz of the data set.
      trim: whether to cut silence off both ends of each recording.
      pad: seconds of silence put at both ends then, for a voice that is told when to speak.
      rescale: bring each recording to the same peak, in place of one gain for all of them.
    """

    audio_dir: Positional[tuple[str, ...]]
    out: Path
    sample_rate: int = 16000
    trim: bool = True
    pad: float = 0.0
    rescale: bool = False

    def run(self) -> None:
        """Builds, and prints what is in it and what could not be used."""
        import tempfile

        from babble_jax.dataset import recipes, recordings

        with tempfile.TemporaryDirectory() as scratch:
            folders = [
                recipes.fetch(name, Path(scratch))
                if name in recipes.RECIPES and not Path(name).exists()
                else Path(name)
                for name in self.audio_dir
            ]
            report = recordings.build(
                folders, self.out, self.sample_rate, self.trim, pad=self.pad, rescale=self.rescale
            )
        for path, reason in report.bad:
            print(f"left out: {path}: {reason}", file=sys.stderr)
        for note in report.notes:
            print(f"note: {note}", file=sys.stderr)
        for split, count in report.counts.items():
            print(f"{split:10} {count:6} recordings {report.seconds[split] / 60:8.1f} min")
        print(
            f"{report.path}: {report.sample_rate} Hz, {len(report.speakers)} speakers, gain {report.gain:.3f}"
        )
