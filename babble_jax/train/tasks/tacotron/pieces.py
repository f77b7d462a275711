"""Pieces of labelled recordings: the utterances that a model is trained on.

Axes: N phones, C channels of prosody.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import PurePosixPath

import numpy as np

from babble_jax.dataset.labelled.recording import LabelledRecording
from babble_jax.tacotron.config import LOG_DURATION, SynthesisConfig
from babble_jax.tacotron.inputs import encode_symbols
from babble_jax.tacotron.measured_prosody import SHORTEST
from babble_jax.train.tasks.labelled.pieces import cut_stretches


@dataclasses.dataclass(frozen=True, eq=False)
class Piece:
    """A piece of a recording.

    Attributes:
      recording: number of the recording.
      first: frame at which it begins.
      frames: number of its frames.
      phones: [N] int32 numbers of its phones.
      ends: [N] float32 frames from its beginning at which the phones end; None where times are not known.
      prosody: [N, C] float32; None for a model without prosody.
      speaker: number of the speaker.
      language: number of the language.
    """

    recording: int
    first: int
    frames: int
    phones: np.ndarray
    ends: np.ndarray | None = None
    prosody: np.ndarray | None = None
    speaker: int = 0
    language: int = 0


def name_folders(name: str, by_language: bool, by_speaker: bool) -> tuple[str, str]:
    """Reads language and speaker from the folders that a recording lies in; empty where it lies in none.

    Args:
      name: of the recording, relative to the folder of all.
      by_language: whether the first folder is a language.
      by_speaker: whether the first folder, or else the one after the language, is a speaker.
    """
    folders = [*PurePosixPath(name).parts[:-1], "", ""]
    language = folders.pop(0) if by_language else ""
    return language, folders[0] if by_speaker else ""


def cut_recording(
    number: int,
    recording: LabelledRecording,
    config: SynthesisConfig,
    longest: float,
    prosody: Mapping[str, np.ndarray] | None = None,
    voice: tuple[int, int] = (0, 0),
) -> list[Piece]:
    """Cuts a recording in its silences into pieces of some seconds; longer ones are left out.

    A silence in which it is cut belongs to both pieces, each having its half.

    Args:
      number: of the recording.
      recording: with labels.
      config: of the model, which has each of the symbols.
      longest: seconds of a piece.
      prosody: [N] values by the name of the channel, for a model that is told them.
      voice: numbers of the language and of the speaker.
    """
    labels, hop = recording.labels, config.mel.hop_seconds
    if labels is None or not labels.symbols:
        return []
    phones = encode_symbols(config.inputs, labels.symbols)
    frames = config.mel.frames(round(recording.seconds * config.mel.sample_rate))
    channels = None
    if config.inputs.prosody:
        if prosody is None:
            return []
        channels = np.stack([prosody[name] for name in config.inputs.prosody], axis=1).astype(np.float32)
    language, speaker = voice
    if labels.onset is None or labels.end is None:
        fits = frames * hop <= longest
        return [Piece(number, 0, frames, phones, None, channels, speaker, language)] if fits else []
    pieces = []
    for first, stop, inside in cut_stretches(labels.symbols, labels.onset, labels.end, frames, hop, longest):
        low, high = first * hop, stop * hop
        if not inside.any() or (stop - first) * hop > longest:
            continue
        ends = np.clip(labels.end[inside], low, high) - low
        ends[-1] = high - low
        own = None if channels is None else channels[inside]
        if own is not None and LOG_DURATION in config.inputs.prosody:
            seconds = np.maximum(np.diff(ends, prepend=0.0), SHORTEST)  # half of a silence that is cut
            own[:, config.inputs.prosody.index(LOG_DURATION)] = np.log(seconds)
        piece = Piece(
            number,
            first,
            stop - first,
            phones[inside],
            (ends / hop).astype(np.float32),
            own,
            speaker,
            language,
        )
        pieces.append(piece)
    return pieces
