"""A data set from what a user names: folders of recordings, Debian packages of speech, the excerpt that ships."""

import os
from collections.abc import Sequence
from pathlib import Path

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.audio import sound_file
from babble_jax.dataset import pieces, preparation, recipes, recordings
from babble_jax.errors import BabbleError
from babble_jax.presets import registry


@check_arguments
def build_dataset(
    sources: str | os.PathLike | Sequence[str | os.PathLike],
    out: str | os.PathLike,
    *,
    sample_rate: int = 16_000,
    trim: bool = True,
    pad: float = 0.0,
    rescale: bool = False,
    piece: float = pieces.PIECE_SECONDS,
    longest_pause: float = 0.0,
) -> recordings.DatasetReport:
    """Makes a data set for training from recordings (of any type that libsndfile decodes, of any rate).

    The sub-folders of a folder are its speakers. Long recordings are cut at pauses. A recording's split follows from
    its name; of fewer than ten recordings, those that were cut are divided in time. Where speech is active stands in
    the data set, by phone labels beside the sound files or by their energy.

    Args:
      sources: a folder or a file, or several; or the name of a Debian package of speech (a key of
        `babble_jax.dataset.recipes.RECIPES`), which is fetched; or "excerpt", minutes of speech that ship. A folder of
        that name goes before.
      out: folder for the data set; absent, or empty.
      sample_rate: of the data set, Hz.
      trim: whether to cut silence off both ends of each recording.
      pad: silence put at both ends then, seconds, for a voice that is conditioned on activity.
      rescale: whether to bring each recording to the same peak, in place of one gain for all of them.
      piece: longest piece of a recording, seconds; 0 leaves recordings as they are.
      longest_pause: longest pause between two stretches of speech, seconds, to which longer ones are shortened; 0
        leaves them as they are.

    Returns:
      The report: `counts` and `seconds` by split, `speakers`, `gain`, and `bad`, the files that could not be used with
      the reason, `notes` of what was scaled, cut or a copy, and `silent_share`, the share of silence.

    Raises:
      BabbleError: no such folder or package, nothing usable in it, `out` is taken, or the rate is out of range.

    Examples:
      >>> report = build_dataset("recordings", "dataset", sample_rate=4000)
      >>> report.speakers, sorted(report.counts)
      (('ann', 'ben'), ['test', 'train', 'validation'])
    """
    names = [sources] if isinstance(sources, str | os.PathLike) else sources
    with files.scratch_folder() as scratch:
        folders = [_folder(name, scratch) for name in names]
        return recordings.build_from_folders(
            folders,
            out,
            sample_rate,
            trim,
            pad=pad,
            rescale=rescale,
            piece=piece,
            longest_pause=longest_pause,
        )


def measure_sources(sources: str | os.PathLike | Sequence[str | os.PathLike]) -> tuple[int, float]:
    """Counts the sound files of sources, and their seconds by their headers, before a data set is made of them.

    Args:
      sources: as in `build_dataset`. What is no folder counts nothing: a package, which holds an hour or two, is not
        fetched.

    Returns:
      (files, seconds).
    """
    names = [sources] if isinstance(sources, str | os.PathLike) else sources
    paths: list[Path] = []
    for name in names:
        folder = _present_folder(name)
        if folder is not None and folder.is_file():
            paths.append(folder)
        elif folder is not None and folder.is_dir():
            paths += [folder / file for file in preparation.list_sound_files(folder)]
    return len(paths), sum(map(sound_file.header_seconds, paths))


def _folder(name: str | os.PathLike, scratch: Path) -> Path:
    """Finds the folder of a source; a package is unpacked into `scratch`."""
    if not str(name):
        raise BabbleError("The name of a folder is empty; name one that holds sound files.")
    if (folder := _present_folder(name)) is not None:
        return folder
    return recipes.fetch_recipe(str(name), scratch) if name in recipes.RECIPES else Path(name)


def _present_folder(name: str | os.PathLike) -> Path | None:
    """Finds the folder of a source that is on this machine: a user's, or the speech that ships; None for another."""
    if str(name) and Path(name).exists():
        return Path(name)
    return registry.path("speech", "festvox-ru") if name == recipes.EXCERPT else None
