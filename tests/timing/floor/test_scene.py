"""Stretches of dialogues that begin in silence."""

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.timing import preset
from babble_jax.timing.floor.scene import cut_scene


def dialogue(*rows: tuple[int, float, float]) -> Conversation:
    speaker, onset, offset = zip(*rows, strict=True)
    return Conversation(
        id="made",
        corpus="made",
        speakers=("A", "B"),
        speaker=np.array(speaker, np.int32),
        onset=np.array(onset, float),
        end=np.array(offset, float),
        mark=np.zeros(len(rows), np.uint8),
        unit="ipu",
        language=None,
        group="made",
        windows=np.array([[0.0, 100.0]]),
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # cut by the beginning, and overlapped: silence first comes at 3
        ([(0, 0.0, 2.0), (1, 1.5, 3.0), (0, 3.4, 5.0), (1, 4.0, 4.5)], [(0, 0.4, 2.0), (1, 1.0, 1.5)]),
        ([(0, 0.2, 2.0), (1, 2.5, 3.0)], [(0, 0.2, 2.0), (1, 2.5, 3.0)]),  # begins in silence
        ([(0, 0.0, 2.0), (1, 2.5, 3.0), (0, 4.0, 8.0)], [(1, 0.5, 1.0)]),  # does not end in the scene
        (
            [(0, 0.5, 8.0), (1, 8.5, 9.0), (0, 9.2, 12.0)],
            [(1, 0.5, 1.0), (0, 1.2, 4.0)],
        ),  # nothing ends in the first
        ([(0, 0.0, 3.0), (1, 2.0, 5.0)], [(0, 0.0, 3.0), (1, 2.0, 5.0)]),  # no silence at all
    ],
)
def test_by_hand(rows, expected):
    scene = cut_scene(dialogue(*rows), 5.0)
    assert list(zip(scene.speaker, scene.onset, scene.end, strict=True)) == expected
    assert scene.windows.tolist() == [[0.0, 5.0]]


def test_dialogues_of_a_preset_begin_in_silence_and_cut_nothing():
    shipped = preset.load_timing("switchboard")
    floor = shipped.require_floor()
    scenes = shipped.draw_dialogues(2**63 + 5, 20, 30.0)
    dialogues = floor.draw(2**63 + 5, range(20), 90.0)
    for one, long in zip(scenes, dialogues, strict=True):
        assert one.onset.min() > 0
        assert one.end.max() <= 30
        begin = long.onset[np.isclose(long.end - long.onset, one.end[0] - one.onset[0])] - one.onset[0]
        assert any(
            all(np.min(np.abs(long.onset - at - t)) < 1e-6 for t in one.onset) for at in begin
        )  # the same rows, moved
    assert scenes[0].onset.tolist() != scenes[1].onset.tolist()
    other = shipped.draw_dialogues(2**63 + 6, 1, 30.0)[0]
    assert other.onset.tolist() != scenes[0].onset.tolist()
