"""Writes the pages of an experiment: our own, and one for jsPsych. Each plays a list in a browser, asks one
question for each sound and saves a CSV.

Our own is `index.html` with all that it needs in `page/`. It opens from a web server and from the disk, where a browser
lets a page run scripts but not read the files beside it: so that each sound lies in `page/` a second time, as a script.

That for jsPsych (J. R. de Leeuw et al., J. Open Source Software 8, 2023, 5351) is `jspsych.html`; the library does not
ship.
"""

import base64
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from babble_jax import files
from babble_jax.audio import wave
from babble_jax.audio.level import active_level_db
from babble_jax.errors import BabbleError
from babble_jax.input_files import read_bytes
from babble_jax.stimuli.spec.question import Question
from babble_jax.stimuli.trial_tables import describe_experiment, format_script, read_trial_table

PAGE, JSPSYCH_PAGE = "index.html", "jspsych.html"
_SOURCES = Path(__file__).parent / "page"
_SHARED = ("texts.js", "order.js")
_OWN = ("results.js", "sound.js", "experiment.js", "style.css")
_MOST_BYTES = 2**31
_LEAST_DB, _MOST_DB = -50.0, -14.0  # of the sound check


def check_question(question: Question | None, path: Path, trials: int) -> Question:
    """Checks before long work that a page can ask the question of a specification.

    Args:
      question: as the specification has it.
      path: of the specification.
      trials: in the shortest list.

    Raises:
      BabbleError: there is no question, or it has more practice trials than a list has trials.
    """
    if question is None:
        raise BabbleError(
            f'{path}: has no question, which a page asks after each sound; add the table [question] with text = "..." '
            'and keys = { f = "...", j = "..." }.'
        )
    if question.practice > trials:
        raise BabbleError(
            f"{path}: asks for {question.practice} practice trials, but a list has {trials} trials; ask for fewer."
        )
    return question


def write_page(folder: Path, tables: Sequence[str], question: Question, seed: int = 0) -> list[str]:
    """Writes the page into the folder of a set of stimuli.

    Args:
      folder: with the tables and their sounds.
      tables: CSV of each list, relative to the folder; each has a column `file`. The columns `turn_onset_ms`,
        `duration_ms` and `catch` are used where they are there.
      question: asked after each sound.
      seed: of the order in which each participant hears a list.

    Returns:
      The names of the files written, relative to the folder.

    Raises:
      BabbleError: a table cannot be used, or a sound cannot be read.
    """
    values, sounds = _read(folder, tables, question, seed)
    target = folder / "page"
    target.mkdir(exist_ok=True)
    scripts = {}
    for number, name in enumerate(sounds, start=1):
        scripts[name] = f"page/sound{number:04d}.js"
        content = base64.b64encode(_pack(folder / name)).decode("ascii")
        files.write_text(folder / scripts[name], f'Babble.receive({format_script(name)}, "{content}");\n')
    audio, rate = wave.read(folder / sounds[0], mono=False)
    audio = audio.reshape(len(audio), -1)
    level = max(active_level_db(channel, rate) for channel in audio.T)
    values |= {
        "sounds": scripts,
        "channels": audio.shape[1],
        "level_db": round(float(np.clip(level, _LEAST_DB, _MOST_DB)), 1),
    }
    return [*_write(folder, values, PAGE, (*_SHARED, *_OWN)), *scripts.values()]


def write_jspsych(folder: Path, tables: Sequence[str], question: Question, seed: int = 0) -> list[str]:
    """Writes the page for jsPsych into the folder of a set of stimuli; beside our own it shares the lists.

    Args:
      folder: as `write_page` takes it.
      tables: likewise.
      question: likewise.
      seed: likewise; the orders are those of our own page.

    Returns:
      The names of the files written, relative to the folder.

    Raises:
      BabbleError: a table cannot be used.
    """
    values = _read(folder, tables, question, seed)[0]
    return _write(folder, values, JSPSYCH_PAGE, (*_SHARED, "jspsych-timeline.js"))


def _read(
    folder: Path, tables: Sequence[str], question: Question, seed: int
) -> tuple[dict[str, Any], list[str]]:
    """Reads the lists: (JSON values of the experiment, names of all sounds)."""
    lists = [read_trial_table(folder, name) for name in tables]
    sounds = dict.fromkeys(file for table in lists for file in table.files)
    return describe_experiment(lists, question, seed), list(sounds)


def _write(folder: Path, values: dict[str, Any], page: str, scripts: Sequence[str]) -> list[str]:
    """Writes a page, its scripts and, unless another page has written them with the sounds, the lists."""
    target = folder / "page"
    target.mkdir(exist_ok=True)
    shutil.copyfile(_SOURCES / page, folder / page)
    for name in scripts:
        shutil.copyfile(_SOURCES / name, target / name)
    lists = target / "trials.js"
    if "sounds" in values or not lists.exists():
        files.write_text(lists, f'"use strict";\nBabble.experiment = {format_script(values)};\n')
    return [page, "page/trials.js", *(f"page/{name}" for name in scripts)]


def _pack(path: Path) -> bytes:
    """Reads a sound file for the page: 16-bit wav as FLAC, which is half as long and the same to the sample."""
    if path.suffix.lower() == ".wav":
        with soundfile.SoundFile(path) as file:
            if file.subtype == "PCM_16":
                packed = io.BytesIO()
                soundfile.write(packed, file.read(dtype="int16"), file.samplerate, "PCM_16", format="FLAC")
                return packed.getvalue()
    return read_bytes(path, _MOST_BYTES)
