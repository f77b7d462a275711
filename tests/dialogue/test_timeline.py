from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.text import Text

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


def density(seconds: np.ndarray) -> np.ndarray:
    return np.exp(-np.abs(seconds)) / 2


@pytest.mark.parametrize("fto", [np.zeros(0), np.array([0.1]), np.array([-3.0, 0.2, 5.0])])
def test_offsets_are_drawn_however_few(fto: np.ndarray, tmp_path: Path):
    timeline.plot_ftos(tmp_path / "o.png", fto, density, "test")
    assert image.imread(tmp_path / "o.png").shape[:2] == (640, 1280)
    timeline.plot_ftos(tmp_path / "p.png", fto + 0.5, density, "test")
    same = (tmp_path / "o.png").read_bytes() == (tmp_path / "p.png").read_bytes()
    assert same == (len(fto) == 0)


def test_the_picture_names_the_reference_and_says_that_few_offsets_are_too_few(tmp_path: Path, monkeypatch):
    texts = []

    def keep_texts(figure, path, **options):
        texts.append({text.get_text() for text in figure.findobj(Text)})

    monkeypatch.setattr(timeline, "save_png", keep_texts)
    for count in (9, 10):
        timeline.plot_ftos(tmp_path / "f.png", np.full(count, 0.1), density, "callhome-german")
    few, enough = texts
    assert {"distribution of callhome-german", "this dialogue (9 offsets)"} <= few
    assert "Floor-transfer offsets at level ipu, timing callhome-german" in few
    assert few - enough == {"too short to compare;\nask for 60 s or more", "this dialogue (9 offsets)"}
