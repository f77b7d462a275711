from pathlib import Path

import numpy as np
from matplotlib import image

from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue import timeline
from babble_jax.timing.events import Definitions, ipus, transitions
from tests.dialogue.fake_babbler import DIALOGUE, RATE, conversation

GAP, OVERLAP = (240, 224, 143), (236, 154, 164)  # the colours of the shading


def pixels(path: Path, color: tuple[int, int, int]) -> int:
    colors = np.rint(255 * image.imread(path)[:, :, :3]).astype(int)
    return int(np.sum(np.all(colors == color, axis=2)))


def draw_timeline(path: Path, dialogue: Conversation) -> np.ndarray:
    audio = np.zeros((2, round(dialogue.windows[0, 1] * RATE)), np.float32)
    for c, a, b in zip(dialogue.speaker, dialogue.onset, dialogue.end, strict=True):
        audio[c, round(a * RATE) : round(b * RATE)] = 0.1
    timeline.plot_timeline(path, dialogue, audio, RATE, transitions(ipus(dialogue, Definitions())))
    return image.imread(path)


def test_gaps_and_overlaps_are_shaded(tmp_path: Path):
    draw_timeline(tmp_path / "both.png", DIALOGUE)
    draw_timeline(tmp_path / "gap.png", conversation([(0, 1, 2), (1, 3, 4)], 5.0))
    draw_timeline(tmp_path / "overlap.png", conversation([(0, 1, 3), (1, 2, 4)], 5.0))
    legend = 500  # pixels that the legend's own patches may have
    assert pixels(tmp_path / "both.png", GAP) > legend
    assert pixels(tmp_path / "gap.png", GAP) > 10 * pixels(tmp_path / "overlap.png", GAP)
    assert pixels(tmp_path / "overlap.png", OVERLAP) > 2 * pixels(tmp_path / "gap.png", OVERLAP)


def test_a_longer_dialogue_gets_more_rows(tmp_path: Path):
    short = draw_timeline(tmp_path / "a.png", conversation([(0, 1, 2)], 20.0))
    long = draw_timeline(tmp_path / "b.png", conversation([(0, 1, 2), (1, 25, 41)], 41.0))
    assert long.shape[1] == short.shape[1]
    assert 2 * short.shape[0] < long.shape[0] < 3 * short.shape[0]
