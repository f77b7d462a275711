"""Tries whether a detector of speech finds the utterances of a finished dialogue: a poor voice keeps the times of its
plan and sounds like nothing. Of a voice of other sounds, an instrument say, the detector says nothing.

Axes: T samples.
"""

import dataclasses
import os
from collections.abc import Sequence

import numpy as np
import soundfile

from babble_jax.audio import resampling, vad
from babble_jax.conversation.conversation import Conversation
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.catalogue import is_speech
from babble_jax.pretrained.tacotron_babbler import TacotronBabbler
from babble_jax.voice.babbler import Babbler, PitchShiftedBabbler
from babble_jax.voice.resampled_babbler import ResampledBabbler

MOST_MISSED = 0.5
"""Share of the utterances in which no speech is found beyond which a voice is warned of."""
_SECONDS = 8.0  # of a speaker's sound that are listened to; the detector takes 30 ms for one
_SPACE = 0.3  # seconds of silence between two utterances
_LONG_ENOUGH = 0.4  # seconds; in shorter ones a detector misses speech of people, too


@dataclasses.dataclass(frozen=True)
class AudibleShare:
    """Utterances of a speaker that were tried, and those in which speech was found.

    Attributes:
      speaker: name.
      speech_count: number of utterances in which the detector finds speech.
      tried: number of utterances.
    """

    speaker: str
    speech_count: int
    tried: int

    @property
    def is_poor(self) -> bool:
        """Tells that speech is missed in most of several utterances."""
        return self.tried > 1 and self.tried - self.speech_count > MOST_MISSED * self.tried

    def __str__(self) -> str:
        return (
            f"a detector of speech finds speech in {self.speech_count} of {self.tried} utterances of {self.speaker} "
            "that were tried: the voice is silent or little like speech"
        )


def try_utterances(
    path: str | os.PathLike, dialogue: Conversation, babblers: Sequence[Babbler]
) -> list[AudibleShare]:
    """Listens to some seconds of each speaker whose voice is to be speech, spread over a dialogue.

    Args:
      path: of its sound, a channel for each speaker.
      dialogue: the utterances at the times in the sound.
      babblers: of its speakers, in their order.
    """
    shares = []
    for index, (name, babbler) in enumerate(zip(dialogue.speakers, babblers, strict=True)):
        if not _speaks(babbler):
            continue
        own = (dialogue.speaker == index) & (dialogue.end - dialogue.onset >= _LONG_ENOUGH)
        spans = np.stack([dialogue.onset[own], dialogue.end[own]], axis=1)
        spans = spans[:: max(1, round(float((spans[:, 1] - spans[:, 0]).sum()) / _SECONDS))]
        shares.append(AudibleShare(name, count_with_speech(*_read(path, index, spans)), len(spans)))
    return shares


def _speaks(babbler: Babbler) -> bool:
    """Tells whether a babbler is to make speech, as far as the card of its voice says."""
    if isinstance(babbler, PitchShiftedBabbler | ResampledBabbler):
        return _speaks(babbler.babbler)
    if not isinstance(babbler, VoiceBabbler | TacotronBabbler):
        return True
    return is_speech(babbler.voice.card, babbler.speaker_name)


def _read(path: str | os.PathLike, channel: int, spans: np.ndarray) -> tuple[list[np.ndarray], int]:
    """Reads stretches of a channel of a wav file, and its rate; hours of sound are not read for seconds of them."""
    sounds = []
    with soundfile.SoundFile(path) as file:
        rate = file.samplerate
        for start, end in np.rint(spans * rate).astype(np.int64).tolist():
            file.seek(start)
            sounds.append(file.read(end - start, dtype="float32", always_2d=True)[:, channel])
    return sounds, rate


def count_with_speech(sounds: list[np.ndarray], rate: int) -> int:
    """Counts the sounds in which the detector gives a frame an even chance of speech.

    Args:
      sounds: each [T] float32.
      rate: Hz.
    """
    space = round(_SPACE * rate)
    padded = [np.pad(one, (0, space)) for one in sounds]
    if not padded:
        return 0
    probability = vad.speech_probability(resampling.resample(np.concatenate(padded), rate, vad.RATE))
    ends = np.cumsum([len(one) for one in padded]) / rate / vad.FRAME_SECONDS
    starts = np.concatenate([[0.0], ends[:-1]])
    spans = zip(starts.astype(int), np.ceil(ends).astype(int), strict=True)
    return sum(bool(np.max(probability[start:end], initial=0) >= 0.5) for start, end in spans)
