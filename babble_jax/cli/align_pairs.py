"""Recordings with what is said in them, as `babble align` is told: one or a folder; a string, files, or a folder."""

import dataclasses
import sys
from pathlib import Path

import numpy as np

from babble_jax.audio.sound_types import is_recording
from babble_jax.cli.messages import print_line
from babble_jax.dataset.labelled import label_files, transcripts
from babble_jax.dataset.labelled.reading import find_label_file, read_labelled
from babble_jax.dataset.labelled.reading_text import describe_folder
from babble_jax.dataset.labelled.recording import SILENCE, Labels
from babble_jax.dataset.preparation import list_sound_files
from babble_jax.ear.config import EarConfig
from babble_jax.ear.spelling import hears_letters, read_symbols
from babble_jax.errors import BabbleError
from babble_jax.input_files import is_file, is_folder, read_text
from babble_jax.plural import plural

SUFFIXES = (".lab", ".TextGrid", ".txt")
"""Of files that say what is said in a recording, in the order in which they are looked for."""


@dataclasses.dataclass(frozen=True, eq=False)
class Pair:
    """A recording and what is said in it.

    Attributes:
      path: of the recording.
      source: where it stands what is said, for people to read.
      symbols: of the ear, in order; a silence says where a pause may stand.
      onset: [N] float64 seconds of the symbols that are no silence, where the labels have times; else None.
    """

    path: Path
    source: str
    symbols: tuple[str, ...]
    onset: np.ndarray | None = None


class PairReader:
    """Reads what is said in recordings, in the symbols of an ear.

    Args:
      config: of the ear.
      tier: name of the tier of phones in TextGrids; None to guess it, and to say so.
    """

    def __init__(self, config: EarConfig, tier: str | None):
        self._config, self._tier = config, tier

    def read(self, sound: Path, text: str | None) -> list[Pair]:
        """Pairs recordings with what is said in them.

        Args:
          sound: a recording or a folder of them.
          text: symbols, a file or a folder of files; None for files beside the recordings.

        Raises:
          BabbleError: there is nothing to pair, or a symbol that the ear does not have.
        """
        if is_folder(sound):
            if text is None:
                return self._read_labelled(sound)
            if not is_folder(text):
                raise BabbleError(f"{sound}: is a folder; give a folder of texts, too, or one recording.")
            sounds = [sound / name for name in list_sound_files(sound)]
            pairs = [
                self._read_file(path, own)
                for path in sounds
                if (own := _find_text(path, Path(text))) is not None
            ]
            if not pairs:
                raise BabbleError(
                    f"{text}: has no file of the name of a recording in {sound} that ends in {', '.join(SUFFIXES)}."
                )
            if len(pairs) < len(sounds):
                print_line(
                    f"left out, having no text: {plural(len(sounds) - len(pairs), 'recording')}", sys.stderr
                )
            return pairs
        if not is_file(sound):
            raise BabbleError(f"{sound}: there is no such file or folder; check the path.")
        if text is None or is_folder(text):
            folder = sound.parent if text is None else Path(text)
            own = find_label_file(sound, SUFFIXES) if text is None else _find_text(sound, folder)
            if own is None:
                names = ", ".join(sound.with_suffix(suffix).name for suffix in SUFFIXES)
                raise BabbleError(
                    f"{sound}: what is said in it must be given, or stand in {folder} as one of {names}."
                )
            return [self._read_file(sound, own)]
        if is_recording(Path(text)):
            raise BabbleError(
                f"{text}: is a recording, too; give one and the phones that are said in it, or a folder of recordings."
            )
        if is_file(text):
            return [self._read_file(sound, Path(text))]
        if text.endswith(SUFFIXES):
            raise BabbleError(f"{text}: there is no such file; check the path, or give the phones.")
        return [Pair(sound, "the phones given", read_symbols(text, self._config, "TEXT"))]

    def _read_labelled(self, folder: Path) -> list[Pair]:
        """Reads a folder of recordings with labels or transcripts, and says how it was understood."""
        kind = "graphemes" if hears_letters(self._config) else "phones"
        labelled = read_labelled(folder, kind, tier=self._tier)
        for line in describe_folder(labelled):
            print_line(line, sys.stderr)
        return [
            self._of_labels(one.path, one.labels, f"the labels of {one.name}")
            for one in labelled.labelled
            if one.labels is not None
        ]

    def _read_file(self, sound: Path, path: Path) -> Pair:
        """Reads what one file says of a recording."""
        content: Labels | str
        if path.name in transcripts.TABLES:
            raise BabbleError(
                f"{path}: holds the words of many recordings; give the phones of this one, or the folder of all as "
                "SOUND and no TEXT."
            )
        if path.suffix.lower() == ".textgrid":
            tiers = label_files.read_tiers(path)
            name = self._tier or label_files.find_phone_tier(tiers)
            if name is None:
                raise BabbleError(f"{path}: has no interval tier; give the phones as intervals.")
            if self._tier is None and len(tiers) > 1:
                print_line(
                    f"{path}: guessed: the tier of phones is {name!r}; --tier names another", sys.stderr
                )
            content = label_files.take_tier(path, tiers, name)
        elif path.suffix.lower() == ".lab":
            content = label_files.read_lab(path)
        else:
            content = read_text(path)
        if isinstance(content, Labels):
            return self._of_labels(sound, content, str(path))
        if not hears_letters(self._config):
            return Pair(sound, str(path), read_symbols(content, self._config, str(path)))
        letters = transcripts.spell(content)
        if letters is None:
            raise BabbleError(f"{path}: holds digits or no letter; spell the numbers out.")
        return Pair(sound, str(path), read_symbols(letters, self._config, str(path)))

    def _of_labels(self, sound: Path, labels: Labels, source: str) -> Pair:
        """Pairs a recording with its labels, whose silences become those of the ear, or go if it has none."""
        own = self._config.silence if self._config.silence_id is not None else None
        symbols = [own if symbol == SILENCE else symbol for symbol in labels.symbols]
        spoken = np.array([symbol != SILENCE for symbol in labels.symbols], bool)
        onset = None if labels.onset is None else labels.onset[spoken]
        string = read_symbols([symbol for symbol in symbols if symbol is not None], self._config, source)
        return Pair(sound, source, string, onset)


def _find_text(sound: Path, folder: Path) -> Path | None:
    """Finds the file in a folder that says what is said in a recording, by its name."""
    paths = (folder / f"{sound.stem}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)
