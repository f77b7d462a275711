"""Reads a folder of recordings with labels or transcripts, and says what it understood.

Where labels of a recording NAME stand: `NAME.lab` or `NAME.TextGrid` beside it, or in the folder `lab` beside the
folder of the sounds, as a Festival voice has it. Transcripts: `NAME.txt` beside it, `etc/txt.done.data`,
`metadata.csv`.
"""

import collections
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

from babble_jax.audio import sound_file, sound_types
from babble_jax.dataset.labelled import label_files, transcripts
from babble_jax.dataset.labelled.recording import SILENCE, LabelledRecording, Labels, LabelSource, SymbolKind
from babble_jax.dataset.preparation import list_sound_files
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_text
from babble_jax.plural import plural

_SOUNDS = ("wav", "wavs")
"""Folders of the sounds in those that are laid out as a Festival voice or as LJSpeech."""
_LATER = 0.1
"""Seconds by which labels may end after the sound; a later end is one of another recording."""
MOST_PHONES = 300
"""Different labels above which they are words rather than phones."""


@dataclasses.dataclass(frozen=True)
class LabelledFolder:
    """Recordings of a folder with their labels, and how it was understood.

    Attributes:
      folder: of the sounds.
      symbol_kind: what the symbols are.
      source: where they come from, for people to read.
      guess: the sentence about what was guessed, with the option that changes it; empty without a guess.
      recordings: all of them in the order of their names, those without labels too.
      notes: sentences about anything out of the ordinary.
    """

    folder: Path
    symbol_kind: Literal["phones", "graphemes"]
    source: str
    guess: str
    recordings: tuple[LabelledRecording, ...]
    notes: tuple[str, ...] = ()

    @property
    def labelled(self) -> tuple[LabelledRecording, ...]:
        """Recordings that have labels."""
        return tuple(one for one in self.recordings if one.labels is not None)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols of all labels, sorted, silence first."""
        names = {name for one in self.labelled if one.labels for name in one.labels.symbols}
        first = (SILENCE,) if SILENCE in names and self.symbol_kind == "phones" else ()
        return first + tuple(sorted(names - {*first}))


def read_labelled(
    folder: Path, symbols: SymbolKind = "auto", labels: LabelSource = "auto", tier: str | None = None
) -> LabelledFolder:
    """Reads a folder of recordings with labels or transcripts.

    Args:
      folder: of the sound files, or above the folder `wav` or `wavs` that holds them.
      symbols: what is to be learned: phones, from labels, or graphemes, from transcripts; auto for phones where there
        are labels.
      labels: files of the labels; auto for those that most recordings have.
      tier: name of the tier of phones in TextGrids; None for the one that is called so.

    Raises:
      BabbleError: there is no such folder, it holds no sound or no labels, or a file of labels is damaged.
    """
    if not folder.is_dir():
        raise BabbleError(f"{folder}: there is no such folder; name one with recordings and their labels.")
    sounds = _find_sounds(folder)
    names = list_sound_files(sounds)
    if not names:
        raise BabbleError(f"{folder}: holds no sound file ({sound_types.NAMES}); check the folder.")
    files = _LabelFiles(sounds, names)
    kinds = [kind for kind in get_args(LabelSource) if kind != "auto"]
    counts = {kind: files.count(kind) for kind in kinds}
    wanted = kinds if symbols == "auto" else ["lab", "textgrid"] if symbols == "phones" else ["text"]
    if labels != "auto":
        wanted = [kind for kind in wanted if kind == labels]
    usable = [kind for kind in wanted if counts[kind]]
    if not usable and "text" in wanted and files.text_error is not None:
        raise files.text_error
    if not usable:
        raise BabbleError(f"{folder}: {_explain_nothing(symbols, labels, counts)}")
    # Labels go before transcripts, which say less.
    kind = max(usable, key=lambda one: (one != "text", counts[one]))
    recordings, notes, guess = files.read(kind, tier)
    others = [one for one in usable if one != kind]
    if others and labels == "auto":
        files_text = " and ".join(f"{_NAMES[one]} ({counts[one]})" for one in others)
        guess = f"{guess}; there are {files_text}, too: --labels says which".lstrip("; ")
    result = LabelledFolder(
        sounds, "graphemes" if kind == "text" else "phones", files.describe(kind), guess, recordings, notes
    )
    if not result.labelled:
        raise BabbleError(
            f"{folder}: none of its {plural(len(names), 'recording')} has usable labels; see {files.describe(kind)}."
        )
    if kind != "text" and len(result.symbols) > MOST_PHONES:
        raise BabbleError(
            f"{folder}: its labels are {len(result.symbols)} different ones, words rather than phones; name the tier "
            "of phones with --tier, or learn letters with --symbols graphemes."
        )
    return result


_NAMES = {"lab": "label files (.lab)", "textgrid": "TextGrids", "text": "transcripts"}


def _explain_nothing(symbols: SymbolKind, labels: LabelSource, counts: dict[str, int]) -> str:
    present = [f"{_NAMES[kind]} of {plural(count, 'recording')}" for kind, count in counts.items() if count]
    wanted = (
        _NAMES[labels] if labels != "auto" else "labels" if symbols == "phones" else "labels or transcripts"
    )
    if present:
        return f"has no {wanted} for {symbols}, only {' and '.join(present)}; change --symbols or --labels."
    return (
        "none of its recordings has labels; put NAME.lab, NAME.TextGrid or NAME.txt beside each NAME.wav, or a "
        "metadata.csv of lines NAME|TEXT into the folder."
    )


def _find_sounds(folder: Path) -> Path:
    """Finds the folder of the sounds: `wav` or `wavs` in the folder, where no sound lies in the folder itself."""
    if any(sound_types.is_recording(path) for path in folder.iterdir() if path.is_file()):
        return folder
    return next((folder / name for name in _SOUNDS if (folder / name).is_dir()), folder)


def find_label_file(sound: Path, suffixes: Sequence[str]) -> Path | None:
    """Finds the file that says what is said in a recording, where `read_labelled` looks for those of a folder.

    Args:
      sound: the recording.
      suffixes: of such files, with their dots, in the order in which they are looked for.
    """
    files = (_find_beside(sound.parent, sound.name, suffix, suffix[1:]) for suffix in suffixes)
    return next((path for path in files if path is not None), None)


def _find_beside(sounds: Path, name: str, suffix: str, folder: str) -> Path | None:
    """Finds a file of the name of a recording beside it, or in a folder beside that of the sounds."""
    own = (sounds / name).with_suffix(suffix)
    candidates = [own, *((root / folder / Path(name).with_suffix(suffix)) for root in _roots(sounds))]
    return next((path for path in candidates if path.is_file()), None)


def _roots(sounds: Path) -> list[Path]:
    """Returns the folders that may hold what belongs to the sounds of a folder."""
    return [sounds, sounds.parent] if sounds.name in _SOUNDS else [sounds]


class _LabelFiles:
    """The files of labels of the recordings of a folder.

    Args:
      sounds: folder of the sounds.
      names: of the sound files relative to it.

    Attributes:
      text_error: what is wrong with the table of transcripts; None where nothing is.
    """

    def __init__(self, sounds: Path, names: list[str]):
        self._sounds, self._names = sounds, names
        self._roots = _roots(sounds)
        self._lab = {name: path for name in names if (path := self._beside(name, ".lab", "lab"))}
        self._transcribed_lab: dict[str, str] = {}
        self._read_lab: dict[str, Labels] = {}
        for name, path in self._lab.items():
            content = label_files.read_lab(path)
            if isinstance(content, str):
                self._transcribed_lab[name] = content
            else:
                self._read_lab[name] = content
        self._grids = {
            name: path
            for name in names
            if (
                path := self._beside(name, ".TextGrid", "TextGrid")
                or self._beside(name, ".textgrid", "textgrid")
            )
        }
        self.text_error: BabbleError | None = None
        self._table, self._texts = "", {}
        try:
            self._table, self._texts = self._find_texts()
        except BabbleError as error:  # of a table that labels may make needless
            self.text_error = error

    def _beside(self, name: str, suffix: str, folder: str) -> Path | None:
        """Finds a file of the name of a recording beside it, or in a folder beside that of the sounds."""
        return _find_beside(self._sounds, name, suffix, folder)

    def _find_texts(self) -> tuple[str, dict[str, str]]:
        """Finds the transcripts: where they stand, and each by the name of its sound file."""
        tables: list[tuple[Path, Callable[[Path], dict[str, str]]]] = []
        for root in self._roots:
            tables.append((root / "etc" / transcripts.FESTIVAL_FILE, transcripts.read_festival))
            tables.append((root / transcripts.FESTIVAL_FILE, transcripts.read_festival))
            tables.append((root / transcripts.LJSPEECH_FILE, transcripts.read_ljspeech))
        for path, read in tables:
            if path.is_file():
                texts = read(path)
                by_stem = {name: texts[stem] for name in self._names if (stem := Path(name).stem) in texts}
                if by_stem:
                    return path.name, by_stem
        beside = {name: path for name in self._names if (path := self._beside(name, ".txt", "txt"))}
        if beside:
            return "NAME.txt", {name: " ".join(read_text(path).split()) for name, path in beside.items()}
        return ("NAME.lab" if self._transcribed_lab else ""), self._transcribed_lab

    def count(self, kind: str) -> int:
        """Counts the recordings that have a file or a line of a kind."""
        return len({"lab": self._read_lab, "textgrid": self._grids, "text": self._texts}[kind])

    def describe(self, kind: str) -> str:
        """Names the files of a kind."""
        return {
            "lab": "labels in NAME.lab",
            "textgrid": "labels in NAME.TextGrid",
            "text": f"transcripts in {self._table}",
        }[kind]

    def read(self, kind: str, tier: str | None) -> tuple[tuple[LabelledRecording, ...], tuple[str, ...], str]:
        """Reads the labels of a kind.

        Args:
          kind: lab, textgrid or text.
          tier: of the phones; None for a guess.

        Returns:
          (recordings, notes, guess).
        """
        labels: dict[str, Labels] = {}
        guess, notes = "", []
        if kind == "lab":
            labels = dict(self._read_lab)
        elif kind == "textgrid":
            labels, guess = self._read_grids(tier)
        else:
            unspelt = 0
            for name, text in self._texts.items():
                graphemes = transcripts.spell(text)
                if graphemes is None:
                    unspelt += 1
                else:
                    labels[name] = Labels(graphemes)
            if unspelt:
                notes.append(
                    f"{plural(unspelt, 'transcript')} with digits or without letters left out; spell the numbers out."
                )
        recordings = []
        for name in self._names:
            path, own = self._sounds / name, labels.get(name)
            seconds = sound_file.header_seconds(path)
            if (
                own is not None
                and own.end is not None
                and len(own.end)
                and 0 < seconds < own.end[-1] - _LATER
            ):
                raise BabbleError(
                    f"{path}: its labels end at {own.end[-1]:.2f} s, after the sound ({seconds:.2f} s); give it its "
                    "own labels, or remove them."
                )
            if own is not None and not set(own.symbols) - {SILENCE, transcripts.SPACE}:
                own = None  # nothing is spoken
            recordings.append(LabelledRecording(path, name, seconds, own, self._texts.get(name)))
        return tuple(recordings), tuple(notes), guess

    def _read_grids(self, tier: str | None) -> tuple[dict[str, Labels], str]:
        tiers = {name: label_files.read_tiers(path) for name, path in self._grids.items()}
        guess = ""
        if tier is None:
            votes = collections.Counter(filter(None, map(label_files.find_phone_tier, tiers.values())))
            if not votes:
                path = next(iter(self._grids.values()))
                raise BabbleError(f"{path}: has no interval tier; give the phones as intervals.")
            tier = votes.most_common(1)[0][0]
            if any(len(one) > 1 for one in tiers.values()):
                guess = f"the tier of phones is {tier!r}; --tier names another"
        labels = {name: label_files.take_tier(self._grids[name], one, tier) for name, one in tiers.items()}
        return labels, guess
