"""The data set of a training: one that is there, or one that is made of sound first, in the folder of the run."""

import sys
from pathlib import Path

from babble_jax import files
from babble_jax.cli.dataset import print_report, silence_lines
from babble_jax.cli.messages import print_line
from babble_jax.dataset.folder_content import explain_no_dataset, may_be_tfds_name
from babble_jax.dataset.recipes import NAMES
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_json
from babble_jax.train.record import DATASET_FOLDER, SOURCE_FILE
from babble_jax.train.tasks.voice.presets import SMALL_PRESET, TrainPreset


def check_source(name: str) -> None:
    """Raises `BabbleError` at once where neither a path nor a known name is meant, which is most often a slip."""
    if not (Path(name).exists() or name in NAMES or may_be_tfds_name(name)):
        raise BabbleError(explain_no_dataset(name))


def open_data(
    name: str, workdir: Path, preset: TrainPreset | None, yes: bool, longest_pause: float = 0.0
) -> str:
    """Finds the data set that is meant, or makes it.

    Args:
      name: a data set, a folder or a file of sound, the name of a package of speech or of a TFDS data set, `excerpt`.
      workdir: folder of the run; a data set that is made lies there, in `DATASET_FOLDER`.
      preset: its rate and padding are those of a data set that is made; None for a run that goes on.
      yes: whether to make one of any size.
      longest_pause: seconds to which pauses of the sound are shortened; 0 leaves them as they are.

    Returns:
      Folder or name of the data set.

    Raises:
      BabbleError: there is nothing of that name, or the run's own data set was made from other sound.
    """
    own, path = workdir / DATASET_FOLDER, Path(name)
    if path.is_absolute() and not path.exists():
        if path.name == DATASET_FOLDER and own.is_dir():  # the folder of the run has moved
            return str(own)
        raise BabbleError(
            f"{name}: the data set is not there; say where it is: `babble train DATASET --workdir {workdir}` goes on "
            "with a run whose data set has moved."
        )
    if not is_sound(name):
        if longest_pause:
            raise BabbleError(
                f"{name}: is no sound, of which --longest-pause shortens the pauses; give the recordings, or make the "
                f"data set anew with `babble dataset ... --longest-pause {longest_pause:g}`."
            )
        if preset is not None:
            _note_rate(name, preset)
        return name
    return _make(name, own, workdir / SOURCE_FILE, preset, yes, longest_pause)


def is_sound(name: str) -> bool:
    """Tells sound, of which a data set is made, from a data set."""
    from babble_jax.dataset.preparation import list_sound_files

    path = Path(name)
    if not path.exists():
        return name in NAMES
    if path.is_file():
        return True
    is_dataset = (path / files.MANIFEST).is_file() or any(path.glob("**/features.json"))
    return not is_dataset and bool(list_sound_files(path))


def note_silence(name: str) -> None:
    """Says how much of a data set's training split is silence, for a voice that is not told when to speak."""
    from babble_jax.dataset.source import open_dataset

    if not (Path(name) / files.MANIFEST).is_file():
        return
    recordings = open_dataset(name, "train")
    if recordings.active is None:
        return
    speech = sum(float((intervals[:, 1] - intervals[:, 0]).sum()) for intervals in recordings.active)
    for line in silence_lines(1 - speech / recordings.seconds):
        print_line(line, sys.stderr)


def _note_rate(name: str, preset: TrainPreset) -> None:
    """Says where a data set has another rate than the preset is meant for."""
    from babble_jax.dataset.source import open_dataset

    if not (Path(name) / files.MANIFEST).is_file():
        return
    rate = open_dataset(name, "train").sample_rate
    if rate > preset.sample_rate:
        print_line(
            f"note: {name} has {rate} Hz, and the preset is meant for {preset.sample_rate} Hz: expect less of it, or "
            f"make the data set with --sample-rate {preset.sample_rate}",
            sys.stderr,
        )


def _make(
    name: str, own: Path, record: Path, preset: TrainPreset | None, yes: bool, longest_pause: float
) -> str:
    """Makes the data set of a run, or finds the one that an earlier start has made.

    Args:
      name: of the sound.
      own: folder of the data set.
      record: file that says what it was made of.
      preset: its rate and padding are those of the data set; None for those of an earlier start.
      yes: whether to make one of any size.
      longest_pause: seconds to which its pauses are shortened; 0 leaves them as they are.
    """
    from babble_jax.cli.estimate import READING_RATE, confirm
    from babble_jax.dataset.building import build_dataset, measure_sources

    count, seconds = measure_sources(name)
    source = {
        "source": str(Path(name).resolve()) if Path(name).exists() else name,
        "files": count,
        "seconds": seconds,
    }
    if preset is not None:
        source |= {"sample_rate": preset.sample_rate, "pad": preset.pad}
    if longest_pause:
        source["longest_pause"] = longest_pause
    if own.is_dir() and record.is_file():
        earlier = read_json(record)
        if source.items() <= earlier.items():
            print_line(f"data set: {own}, made of {name} by an earlier start", sys.stderr)
            return str(own)
        raise BabbleError(
            f"{own}: was made of other sound, for another preset or with another --longest-pause "
            f"({earlier.get('source')}, {earlier.get('sample_rate')} Hz); name a new folder with --workdir."
        )
    preset = preset or SMALL_PRESET
    samples = (seconds + 2 * preset.pad * count) * preset.sample_rate
    confirm("train", seconds / READING_RATE, 4 * samples, own, yes, memory=2 * samples)
    is_new = not own.parent.exists()
    own.parent.mkdir(parents=True, exist_ok=True)
    try:
        files.write_json(record, source | {"sample_rate": preset.sample_rate, "pad": preset.pad})
        report = build_dataset(
            name, own, sample_rate=preset.sample_rate, pad=preset.pad, longest_pause=longest_pause
        )
    except BaseException:
        record.unlink(missing_ok=True)
        if is_new:
            own.parent.rmdir()
        raise
    print_report(report, contents=False)
    parts = ", ".join(f"{report.seconds[split] / 60:.1f} min {split}" for split in report.counts)
    print_line(
        f"data set: {own}, made of {name} at {report.sample_rate} Hz: {sum(report.counts.values())} recordings or "
        f"pieces ({parts})",
        sys.stderr,
    )
    return str(own)
