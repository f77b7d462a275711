"""A data set from what a user names: folders of recordings, packages of speech, the excerpt that ships, synthesis."""

import os
from collections.abc import Sequence
from pathlib import Path

from babble_jax import files
from babble_jax.arguments import check_arguments
from babble_jax.audio import sound_file
from babble_jax.dataset import pieces, preparation, recipes, recordings
from babble_jax.errors import BabbleError
from babble_jax.presets import registry
from babble_jax.synthesis.kinds import MINUTES, RATE, check_instrument, check_length, recording_lengths


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
    minutes: float | None = None,
    seed: int | None = None,
    speaker: str | None = None,
    notes: str | os.PathLike | None = None,
) -> recordings.DatasetReport:
    """Makes a data set for training from recordings (of any type that libsndfile decodes, of any rate).

    The sub-folders of a folder are its speakers. Long recordings are cut at pauses. A recording's split follows from
    its name; of fewer than ten recordings, those that were cut are divided in time. Where speech is active stands in
    the data set, by phone labels beside the sound files or by their energy.

    Args:
      sources: a folder or a file, or several; or the name of a Debian package of speech (a key of
        `babble_jax.dataset.recipes.RECIPES`), which is fetched; or "excerpt", minutes of speech that ship; or the name
        of sound that is synthesized (one of `babble_jax.dataset.recipes.SYNTHESIZED`); or, with notes, any other name
        for their instrument. A folder of that name goes before.
      out: folder for the data set; absent, or empty.
      sample_rate: of the data set, Hz; 16,000 or less where sound is synthesized.
      trim: whether to cut silence off both ends of each recording.
      pad: silence put at both ends then, seconds, for a voice that is conditioned on activity.
      rescale: whether to bring each recording to the same peak, in place of one gain for all of them.
      piece: longest piece of a recording, seconds; 0 leaves recordings as they are.
      longest_pause: longest pause between two stretches of speech, seconds, to which longer ones are shortened; 0
        leaves them as they are.
      minutes: of sound that is synthesized, of each name; None for 20.
      seed: of sound that is synthesized; None for 0.
      speaker: of the voice babblers, whose timing, melody and level synthesized sound has; None for the first.
      notes: folder of the sound files of an instrument, a note in each, of which sound is synthesized.

    Returns:
      The report: `counts` and `seconds` by split, `speakers`, `gain`, and `bad`, the files that could not be used with
      the reason, `notes` of what was scaled, cut or a copy, and `silent_share`, the share of silence.

    Raises:
      BabbleError: no such folder or package, nothing usable in it, `out` is taken, or the rate is out of range; or
        minutes, a seed, a speaker or notes are given where nothing is synthesized of them.

    Examples:
      >>> report = build_dataset("recordings", "dataset", sample_rate=4000)
      >>> report.speakers, sorted(report.counts)
      (('ann', 'ben'), ['test', 'train', 'validation'])
    """
    names = [sources] if isinstance(sources, str | os.PathLike) else sources
    check_synthesis(names, sample_rate, minutes=minutes, seed=seed, speaker=speaker, notes=notes)
    files.check_folder(Path(out), recordings.KIND)  # before minutes of synthesis
    with files.scratch_folder() as scratch:
        length = MINUTES if minutes is None else minutes
        folders = [_folder(name, scratch, length, seed or 0, speaker, notes) for name in names]
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


def check_synthesis(
    sources: Sequence[str | os.PathLike],
    sample_rate: int,
    *,
    minutes: float | None = None,
    seed: int | None = None,
    speaker: str | None = None,
    notes: str | os.PathLike | None = None,
) -> None:
    """Checks what is asked of sound that is synthesized.

    Args:
      sources: folders, and names of sound.
      sample_rate: of the data set, Hz.
      minutes: asked for; None for the default.
      seed: asked for; None for the default.
      speaker: asked for; None for the default.
      notes: folder of the notes of an instrument; None for none.

    Raises:
      BabbleError: something is asked for though nothing is synthesized, the data set is to have a higher rate than
        synthesized sound, there can be no such length, seed or name, or there is no such folder; a name of sound that
        is much like it is proposed.
    """
    check_length(MINUTES if minutes is None else minutes, 0 if seed is None else seed)
    if notes is not None:
        _check_notes(sources, notes)
    for name in map(str, sources):
        exists = name in recipes.NAMES or Path(name).exists() or _is_instrument(name, notes)
        if not exists and (names := recipes.suggest(name)):
            raise BabbleError(
                f"{name}: there is no such folder, and no sound of that name; perhaps you meant {' or '.join(names)}."
            )
    name = next((name for name in sources if _is_synthesized(name, notes)), None)
    if name is not None:
        if sample_rate > RATE:
            raise BabbleError(
                f"sample rate {sample_rate} Hz: {name} is synthesized at {RATE} Hz and has nothing above half of it; "
                f"choose {RATE} or less."
            )
        return
    options = {
        "minutes": None if minutes is None else f"{minutes:g} minutes are",
        "seed": None if seed is None else f"the seed {seed} is",
        "speaker": None if speaker is None else f"the speaker {speaker} is",
    }
    for option, words in options.items():
        if words is not None:
            raise BabbleError(
                f"{words} asked for, but {sources[0] if sources else 'nothing'} is not synthesized; leave the {option} "
                f"out, or name {' or '.join(recipes.SYNTHESIZED)}."
            )


def _check_notes(sources: Sequence[str | os.PathLike], notes: str | os.PathLike) -> None:
    """Checks that a source is the instrument of a folder of notes."""
    instrument = next((name for name in sources if _is_instrument(name, notes)), None)
    if instrument is None:
        raise BabbleError(
            f"{notes}: its notes have no instrument; give, in place of {sources[0] if sources else 'nothing'}, a name "
            "for it that is no folder, such as piano."
        )
    check_instrument(str(instrument))
    if not str(notes) or not Path(notes).is_dir():
        raise BabbleError(f"{notes}: there is no such folder; name one of sound files, a note in each.")


def measure_sources(
    sources: str | os.PathLike | Sequence[str | os.PathLike],
    minutes: float | None = None,
    notes: str | os.PathLike | None = None,
) -> tuple[int, float]:
    """Counts the sound files of sources, and their seconds by their headers, before a data set is made of them.

    Args:
      sources: as in `build_dataset`. What is no folder counts nothing: a package, which holds an hour or two, is not
        fetched.
      minutes: of each sound that is synthesized; None for 20.
      notes: folder of the notes of an instrument; None for none.

    Returns:
      (files, seconds).
    """
    names = [sources] if isinstance(sources, str | os.PathLike) else sources
    paths: list[Path] = []
    synthesized: list[float] = []
    for name in names:
        if _is_synthesized(name, notes):
            synthesized += recording_lengths(MINUTES if minutes is None else minutes)
        folder = _present_folder(name)
        if folder is not None and folder.is_file():
            paths.append(folder)
        elif folder is not None and folder.is_dir():
            paths += [folder / file for file in preparation.list_sound_files(folder)]
    return len(paths) + len(synthesized), sum(map(sound_file.header_seconds, paths)) + sum(synthesized)


def _is_synthesized(name: str | os.PathLike, notes: str | os.PathLike | None) -> bool:
    """Tells whether a source is the name of sound that is synthesized."""
    kind = str(name) in recipes.SYNTHESIZED and _present_folder(name) is None
    return kind or _is_instrument(name, notes)


def _is_instrument(name: str | os.PathLike, notes: str | os.PathLike | None) -> bool:
    """Tells whether a source is the name of the instrument of a folder of notes."""
    return notes is not None and str(name) not in ("", *recipes.NAMES) and _present_folder(name) is None


def _folder(
    name: str | os.PathLike,
    scratch: Path,
    minutes: float,
    seed: int,
    speaker: str | None,
    notes: str | os.PathLike | None,
) -> Path:
    """Finds the folder of a source; a package is unpacked into `scratch`, or sound is synthesized there."""
    if not str(name):
        raise BabbleError("The name of a folder is empty; name one that holds sound files.")
    if (folder := _present_folder(name)) is not None:
        return folder
    if _is_instrument(name, notes):
        return recipes.fetch_recipe(str(name), scratch, minutes, seed, speaker, notes)
    has_recipe = name in (*recipes.RECIPES, *recipes.SYNTHESIZED)
    return recipes.fetch_recipe(str(name), scratch, minutes, seed, speaker) if has_recipe else Path(name)


def _present_folder(name: str | os.PathLike) -> Path | None:
    """Finds the folder of a source that is on this machine: a user's, or the speech that ships; None for another."""
    if str(name) and Path(name).exists():
        return Path(name)
    return registry.path("speech", "festvox-ru") if name == recipes.EXCERPT else None
