"""Recordings with a channel, or a file, per speaker, read through a voice activity detector.

They may be of any type that libsndfile decodes (`audio.sound_types`), recognized by content.

Axes: T samples, C channels.

- The speakers are A, B, ... in the order of the channels, one without speech too. A segment is a stretch of speech
  (`audio.vad`), pauses from 0.1 s apart; it counts as an IPU, which the definitions of the events merge further.
- Laughter and other sounds of the voice are not marked: what the detector takes for speech is speech.
- *Cross-talk counts as speech of both*: a channel on which the other speaker is clearly audible makes overlaps that
  nobody made. Channels that hold the same sound are refused; those that hold some of each other's are not.
- A file of one channel is one speaker; the layout joins the files of a conversation by their names.
- The conversation is the file's name without its suffix, observed as long as the file lasts. The time
  resolution is 0: an edge may lie anywhere. Half of the onsets lie between 9 ms before and 13 ms after the true
  time, half of the ends within 17 ms of it (`experiments/timing/vad_bias.py`: read speech, noise 16 to 50 dB below it).

A recording is read where its path or this format is given: beside annotation of it, it would count twice.
"""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.source import Row, Skip, Source, annotate
from babble_jax.errors import BabbleError
from babble_jax.notes import print_note
from babble_jax.printable import escape_unprintable
from babble_jax.progress import Progress, format_estimate

if TYPE_CHECKING:
    from babble_jax.audio.sound_file import SoundFile

NAME = "channels"
MAX_CORRELATION = 0.9
"""Channels that correlate more are one recording, copied or panned."""
DETECTED = "speech was detected, to some hundredths of a second; `babble inspect --annotation` writes it for correction"
"""Note on each recording."""
MIN_RATE = 4_000
"""Hz; below, there is no speech."""

_DETECTION = 0.03
"""Seconds that the detector takes for one of a channel, on one core."""
_LONG = 5.0  # seconds, from which on it is said what listening takes
_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sniff(head: str) -> bool:
    """Returns whether a file begins as wav, flac or ogg do; others no text shows (`audio.sound_types`)."""
    return re.match(r"RIF[FX].{1,4}WAVE|fLaC|OggS", head, re.DOTALL) is not None


def parse(source: Source) -> tuple[list[Annotation], list[Skip]]:
    """Reads the one conversation of a recording; of the source only the path is looked at."""
    from babble_jax.audio import sound_file  # here and below: text is read without the libraries of sound

    try:
        file = sound_file.SoundFile(source.path)
        rows, seconds, notes = _listen(file, Path(source.path).stem)
    except BabbleError as error:
        reason = str(error).removeprefix(escape_unprintable(f"{source.path}: ")).rstrip(".")
        return [], [Skip(source.path, None, reason)]
    return [
        annotate(
            rows, source, unit="ipu", windows=[(0.0, seconds)], time_resolution=0.0, notes=(DETECTED, *notes)
        )
    ], []


def _listen(file: "SoundFile", id: str) -> tuple[list[Row], float, Sequence[str]]:
    """Detects the segments of all channels of a recording, in blocks; returns them, its seconds, and notes on it."""
    from babble_jax.audio import channel_speech

    _check_shape(file.channels, file.rate)
    survey = channel_speech.survey_channels(file)
    _check_correlation(survey.correlation)
    expected = _DETECTION * survey.seconds * file.channels
    if expected > _LONG:
        print_note(f"listening to {id}, which takes about {format_estimate(expected)}")
    with Progress(f"listening to {id}", survey.frames * file.channels, "frames") as progress:
        segments = channel_speech.detect_channels(file, survey.gain, progress.update)
    # Each speaker was observed, with speech or without.
    rows = [Row(id, _NAMES[i], 0.0, survey.seconds, None) for i in range(file.channels)]
    for i, edges in enumerate(segments):
        rows += [
            Row(id, _NAMES[i], onset, end)
            for onset, end in zip(*(edge.tolist() for edge in edges), strict=True)
        ]
    if len(rows) == file.channels:
        raise BabbleError("no channel holds speech" if file.channels > 1 else "it holds no speech")
    return rows, survey.seconds, survey.notes


def _check_shape(channels: int, rate: int) -> None:
    """Raises `BabbleError` where a recording holds too many channels or too few samples a second."""
    if channels > len(_NAMES):
        raise BabbleError(f"{channels} channels, more than the {len(_NAMES)} speakers that have names here")
    if rate < MIN_RATE:
        raise BabbleError(f"{rate} samples a second, too few for speech: record at {MIN_RATE} at least")


def _check_correlation(correlation: np.ndarray) -> None:
    """Raises `BabbleError` where two channels hold the same sound, by their correlation [C, C]."""
    for i, j in itertools.combinations(range(len(correlation)), 2):
        if abs(correlation[i, j]) >= MAX_CORRELATION:
            raise BabbleError(
                f"channels {_NAMES[i]} and {_NAMES[j]} hold the same sound (correlation {correlation[i, j]:.2f}), "
                "not a speaker each: give annotation of who speaks"
            )
