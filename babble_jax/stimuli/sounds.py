"""Renders the versions of one item: each turn has one waveform, whatever the condition.

Axes: C channels, T samples, N IPUs.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import soxr

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.loudness import ACTIVE_LEVEL_DB
from babble_jax.dialogue.render import Rendering, mix, place, snap_to_samples, speak_rows
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.stimuli.items import Item
from babble_jax.stimuli.spec.levels import Degradation
from babble_jax.stimuli.spec.output import TurnLevel
from babble_jax.stimuli.turn_levels import degrade_turn, level_turn
from babble_jax.voice.conditioning.prosody import NEUTRAL, Prosody


class ItemSounds:
    """The sounds of one item.

    Args:
      item: with its recordings.
      voices: [C] of one sample rate for each prosody that is asked for; empty where no turn is babble.
      rate: Hz, of the stimuli.
      level: of each turn; None for that of the voice, and for recordings that of all voices.
      seed: of the babble.
    """

    def __init__(
        self,
        item: Item,
        voices: Mapping[Prosody, Sequence[LeveledVoice]],
        rate: int,
        level: TurnLevel | None,
        seed: int,
    ):
        self._item, self._voices, self._rate, self._level, self._seed = item, voices, rate, level, seed
        self._recordings: dict[tuple[int, Degradation | None], np.ndarray] = {}

    def render(
        self,
        dialogue: Conversation,
        number: np.ndarray,
        degradation: Degradation | None,
        prosody: Prosody = NEUTRAL,
    ) -> Rendering:
        """Renders one version.

        Args:
          dialogue: of IPUs.
          number: [N] of each IPU among its speaker's; of an exact design, of each turn.
          degradation: of all turns; None for none.
          prosody: of all turns that are babble.

        Raises:
          BabbleError: the IPUs cannot be placed, a voice is silent, or a level is too high.
        """
        placement = place(dialogue, self._rate, number)
        rows = range(len(placement.first))
        recorded = [int(n) in self._item.turns for n in placement.number]
        waveforms: dict[int, np.ndarray] = {}
        babble = np.array([row for row in rows if not recorded[row]], np.int64)
        keys = np.zeros((len(rows), 2), np.uint32)
        own = self._voices[prosody]
        voices: list[LeveledVoice | None] = [
            own[c] if np.any(placement.speaker[babble] == c) or not any(recorded) else None
            for c in range(len(dialogue.speakers))
        ]
        if len(babble):
            at_voice = place(dialogue, own[0].babbler.sample_rate, number)
            spoken, keys = speak_rows(
                at_voice, babble, voices, self._seed, self._item.draw, lambda count: None
            )
            for row, waveform in zip(babble.tolist(), spoken, strict=True):
                waveform = self._resample(waveform, own[0].babbler.sample_rate, int(placement.samples[row]))
                label = f"{dialogue.id}, IPU {int(placement.number[row]) + 1}"
                waveforms[row] = self._finish(waveform, degradation, self._level, label)
        for row in rows:
            if recorded[row]:
                waveforms[row] = self._recording(int(placement.number[row]), degradation)
        audio = mix(placement, [waveforms[row] for row in rows], len(dialogue.speakers))
        snapped = snap_to_samples(dialogue, placement)
        return Rendering(audio, dialogue, snapped, placement, keys, tuple(voices))

    def _recording(self, turn: int, degradation: Degradation | None) -> np.ndarray:
        key = (turn, degradation)
        if key not in self._recordings:
            level = self._level or TurnLevel(active=ACTIVE_LEVEL_DB)
            name = " + ".join(self._item.files[turn])
            self._recordings[key] = self._finish(self._item.turns[turn], degradation, level, name)
        return self._recordings[key]

    def _finish(
        self, audio: np.ndarray, degradation: Degradation | None, level: TurnLevel | None, name: str
    ) -> np.ndarray:
        return level_turn(degrade_turn(audio, self._rate, degradation), self._rate, level, name)

    def _resample(self, waveform: np.ndarray, rate: int, samples: int) -> np.ndarray:
        """Brings babble from the rate of its voice to that of the stimuli, exactly `samples` long."""
        if rate == self._rate:
            return waveform
        waveform = soxr.resample(waveform, rate, self._rate, quality="VHQ").astype(np.float32)[:samples]
        return np.pad(waveform, (0, samples - len(waveform)))


def rename(dialogue: Conversation, name: str) -> Conversation:
    """Gives a dialogue the name of its files."""
    return dataclasses.replace(dialogue, id=name, group=name)
