"""Recordings with a channel per speaker (wav, flac, ogg), read through a voice activity detector.

Axes: T samples, C channels.

- The speakers are A, B, ... in the order of the channels, one without speech too. A segment is a stretch of speech
  (`audio.vad`), pauses from 0.1 s apart; it counts as an IPU, which the definitions of the events merge further.
- Laughter and other sounds of the voice are not marked: what the detector takes for speech is speech.
- *Cross-talk counts as speech of both*: a channel on which the other speaker is clearly audible makes overlaps that
  nobody made. Channels that hold the same sound are refused; those that hold some of each other's are not.
- The conversation is the file's name without its suffix, observed as long as the file lasts. The time
  resolution is 0: an edge may lie anywhere. Half of the onsets lie between 9 ms before and 13 ms after the true
  time, half of the ends within 17 ms of it (`experiments/timing/vad_bias.py`: read speech, noise 16 to 50 dB below it).

A recording is read where its path or this format is given: beside annotation of it, it would count twice.
"""

import itertools
import re
from pathlib import Path

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.corpora import infer_corpus
from babble_jax.conversation.source import Row, Skip, Source, assemble
from babble_jax.errors import BabbleError
from babble_jax.printable import escape_unprintable
from babble_jax.progress import Progress

NAME = "channels"
FILES_PER_CONVERSATION = 1
MAX_CORRELATION = 0.9
"""Channels that correlate more are one recording, copied or panned."""
MIN_RATE = 4_000
"""Hz; below, there is no speech."""

_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sniff(head: str) -> bool:
    """Returns whether a file begins as wav, flac or ogg do; four bytes of a wav's head are its length."""
    return re.match(r"RIF[FX].{1,4}WAVE|fLaC|OggS", head, re.DOTALL) is not None


def parse(source: Source) -> tuple[list[Conversation], list[Skip]]:
    """Reads the one conversation of a recording; of the source only the path is looked at."""
    from babble_jax.audio import wave  # here and below: text is read without the libraries of sound

    try:
        audio, rate = wave.read(source.path, mono=False)
        window = (0.0, len(audio) / rate)
        rows = _rows(_separate(audio, rate), Path(source.path).stem)
    except BabbleError as error:
        reason = str(error).removeprefix(escape_unprintable(f"{source.path}: ")).rstrip(".")
        return [], [Skip(source.path, None, reason)]
    return [
        assemble(rows, infer_corpus(rows[0].id, source.folders), "ipu", window=window, time_resolution=0.0)
    ], []


def _separate(audio: np.ndarray, rate: int) -> np.ndarray:
    """Resamples audio [T, C] to the rate of the detector, if it has a channel per speaker."""
    from babble_jax.audio import resampling, vad

    count = audio.shape[1]
    if count == 1:
        raise BabbleError(
            "one channel only, and here each speaker needs their own: give annotation of who speaks"
        )
    if count > len(_NAMES):
        raise BabbleError(f"{count} channels, more than the {len(_NAMES)} speakers that have names here")
    if rate < MIN_RATE:
        raise BabbleError(f"{rate} samples a second, too few for speech: record at {MIN_RATE} at least")
    audio = resampling.resample(audio, rate, vad.RATE)
    for i, j in itertools.combinations(range(count), 2):
        correlation = _correlation(audio[:, i], audio[:, j])
        if abs(correlation) >= MAX_CORRELATION:
            raise BabbleError(
                f"channels {_NAMES[i]} and {_NAMES[j]} hold the same sound (correlation {correlation:.2f}), not a "
                f"speaker each: give annotation of who speaks"
            )
    return audio


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the correlation of two channels [T]; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.dot(a, b)) / scale if scale > 0 else 0.0


def _rows(audio: np.ndarray, id: str) -> list[Row]:
    """Detects the segments of all channels of `audio` [T, C] at 16 kHz."""
    from babble_jax.audio import vad

    length = len(audio) / vad.RATE
    rows = [
        Row(id, _NAMES[i], 0.0, length, None) for i in range(audio.shape[1])
    ]  # each speaker was observed, with speech or without
    frames = -(-len(audio) // vad.FRAME) * audio.shape[1]
    with Progress(f"listening to {id}", frames, "frames") as progress:
        for i in range(audio.shape[1]):
            onsets, ends = vad.detect_segments(vad.speech_probability(audio[:, i], progress.update))
            for onset, end in zip(onsets.tolist(), np.minimum(ends, length).tolist(), strict=True):
                if onset < end:  # not within the zeros that fill the last frame
                    rows.append(Row(id, _NAMES[i], onset, end))
    if len(rows) == audio.shape[1]:
        raise BabbleError("no channel holds speech")
    return rows
