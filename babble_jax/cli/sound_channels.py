"""The channels of a recording that a verb hears: each, their mean or one of them; what is guessed is said."""

import dataclasses
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from babble_jax.audio.channel_speech import survey_channels
from babble_jax.audio.mono_stream import read_mono
from babble_jax.audio.sound_file import SoundFile
from babble_jax.cli.messages import print_line
from babble_jax.errors import BabbleError

MEAN, EACH = "mean", "each"
SAME_SOUND = 0.9
"""Correlation of channels from which on they hold the same sound, or, below zero, cancel in their mean."""


@dataclasses.dataclass(frozen=True)
class SoundChannel:
    """A channel of a recording, or the mean of all.

    Attributes:
      file: the recording.
      index: of the channel; None for the mean.
      number: of the channel as people count, from 1; None where the recording has one, or for the mean.
      seconds: length.
      gain: factor that brings the amplitudes to full scale.
    """

    file: SoundFile
    index: int | None
    number: int | None
    seconds: float
    gain: float

    def blocks(self, rate: int) -> Iterator[np.ndarray]:
        """Yields the amplitudes in blocks of [T] float32 at `rate` Hz, or raises `BabbleError`."""
        return read_mono(self.file, rate, self.index, self.gain)


def parse_channel(channel: str | None) -> int | str | None:
    """Reads the value of --channel.

    Returns:
      The index of a channel, `MEAN`, `EACH`, or None where it is not said.

    Raises:
      BabbleError: it is none of these.
    """
    if channel in (None, MEAN, EACH):
        return channel
    if not channel.isdecimal() or not 1 <= int(channel[:9]) <= 1024:
        raise BabbleError(f"--channel is {channel!r}; give the number of a channel from 1, {EACH} or {MEAN}.")
    return int(channel) - 1


def open_channels(path: Path, channel: int | str | None) -> list[SoundChannel]:
    """Opens the channels of a recording that are asked for, and says on standard error what is guessed.

    Args:
      path: of the recording.
      channel: as `parse_channel` reads it; None for each channel, but the first where all hold the same sound.

    Raises:
      BabbleError: the file is missing or damaged, or has no such channel.
    """
    file = SoundFile(path)
    if isinstance(channel, int) and channel >= file.channels:
        has = "1 channel" if file.channels == 1 else f"{file.channels} channels"
        raise BabbleError(f"{path}: has {has}, and not a channel {channel + 1}; choose another --channel.")
    survey = survey_channels(file)
    for note in survey.notes:
        print_line(f"{path}: {note}", sys.stderr)
    indices: list[int | None] = [channel] if isinstance(channel, int) else [None]
    if file.channels > 1:
        correlations = [survey.correlation[i, j] for i, j in itertools.combinations(range(file.channels), 2)]
        if channel == MEAN and min(correlations) <= -SAME_SOUND:
            indices = [0]
            print_line(
                f"{path}: its channels cancel each other in their mean; channel 1 is heard alone", sys.stderr
            )
        elif channel == EACH or (channel is None and min(map(abs, correlations)) < SAME_SOUND):
            indices = [*range(file.channels)]
        elif channel is None:
            indices = [0]
        if channel is None:
            guess = f"its {file.channels} channels are heard apart; --channel {MEAN} hears their mean, a number one"
            if len(indices) == 1:
                guess = f"its channels hold the same sound, of which the first is heard; --channel {EACH} hears all"
            print_line(f"{path}: guessed: {guess}", sys.stderr)
    return [
        SoundChannel(
            file,
            index,
            None if index is None or file.channels == 1 else index + 1,
            survey.seconds,
            survey.gain,
        )
        for index in indices
    ]
