import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.audio.level import active_level_db
from babble_jax.conversation.conversation import Conversation
from babble_jax.dialogue.detection import measure_ipus
from babble_jax.dialogue.loudness import ACTIVE_LEVEL_DB
from babble_jax.dialogue.render import Rendering, place, render
from babble_jax.dialogue.utterance import EDGE_AMPLITUDE, LeveledVoice
from babble_jax.errors import BabbleError
from babble_jax.voice.babbler import make_speaker_pair
from tests.dialogue.fake_babbler import DIALOGUE, RATE, FakeBabbler, conversation

VOICES = tuple(LeveledVoice.measure(babbler) for babbler in make_speaker_pair(FakeBabbler()))


@pytest.fixture(scope="module")
def rendering() -> Rendering:
    return render(DIALOGUE, VOICES, seed=3)


def sounds(rendering: Rendering) -> list[np.ndarray]:
    """The waveform of each IPU, in the order of placement."""
    p = rendering.placement
    return [rendering.audio[c, a : a + n] for c, a, n in zip(p.speaker, p.first, p.samples, strict=True)]


def test_every_onset_is_rounded_by_itself():
    placement = place(DIALOGUE, RATE)
    # 0.3001 s is 4801.6 samples, 6.3123456 s 100997.53, its duration 39249.47.
    assert placement.first.tolist() == [4802, 24800, 48160, 67200, 89600, 100998, 144000]
    assert placement.samples.tolist() == [22398, 20800, 38240, 4800, 8000, 39249, 800]
    assert placement.speaker.tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert placement.number.tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert placement.total == 160_000


def test_rows_may_come_in_any_order():
    order = np.array([3, 0, 6, 5, 1, 2, 4])
    rows = ("speaker", "onset", "end", "mark")
    mixed = dataclasses.replace(DIALOGUE, **{name: getattr(DIALOGUE, name)[order] for name in rows})
    placement = place(mixed, RATE)
    assert placement.first.tolist() == place(DIALOGUE, RATE).first.tolist()
    assert np.array_equal(order[placement.source], np.arange(7))


def test_edges_hold_sound_and_outside_is_exactly_zero(rendering: Rendering):
    rest = rendering.audio.copy()
    p = rendering.placement
    for c, a, n in zip(p.speaker, p.first, p.samples, strict=True):
        assert min(abs(rest[c, a]), abs(rest[c, a + n - 1])) >= EDGE_AMPLITUDE
        rest[c, a : a + n] = 0
    assert not np.any(rest)
    assert rendering.audio.shape == (2, 160_000)
    assert rendering.audio.dtype == np.float32


def test_realised_times_are_samples_over_rate(rendering: Rendering):
    p, dialogue = rendering.placement, rendering.dialogue
    assert np.array_equal(dialogue.onset, p.first / RATE)
    assert np.array_equal(dialogue.end, (p.first + p.samples) / RATE)
    assert np.max(np.abs(dialogue.onset - DIALOGUE.onset[p.source])) <= 0.5 / RATE
    assert np.max(np.abs(dialogue.end - DIALOGUE.end[p.source])) <= 1 / RATE
    assert dialogue.windows.tolist() == [[0, 10]]


def test_measured_ipus_are_within_ten_milliseconds(rendering: Rendering):
    for c in range(2):
        own = rendering.dialogue.speaker == c
        onsets, ends = measure_ipus(rendering.audio[c], RATE)
        assert np.allclose(onsets, rendering.dialogue.onset[own], atol=0.01)
        assert np.allclose(ends, rendering.dialogue.end[own], atol=0.01)


@pytest.mark.parametrize("shift", [0.3, 1 / 3, 0.1 + 0.2, np.pi / 10])
def test_moving_ipus_leaves_every_waveform_as_it_was(rendering: Rendering, shift: float):
    moved = dataclasses.replace(
        DIALOGUE,
        onset=DIALOGUE.onset + shift * np.arange(7),
        end=DIALOGUE.end + shift * np.arange(7),
        windows=np.array([[0.0, 20.0]]),
    )
    for a, b in zip(sounds(rendering), sounds(render(moved, VOICES, seed=3)), strict=True):
        assert np.array_equal(a, b)


def test_dropping_the_partner_leaves_the_other_channel_as_it_was(rendering: Rendering):
    alone = conversation([(0, 0.3001, 1.7), (0, 3.01, 5.4), (0, 5.6, 6.1), (0, 9.0, 9.05)], 10.0)
    audio = render(alone, VOICES, seed=3).audio
    assert np.array_equal(audio[0], rendering.audio[0])
    assert not np.any(audio[1])


def test_seed_item_and_speaker_each_change_the_babble(rendering: Rendering):
    same = [LeveledVoice.measure(FakeBabbler())] * 2
    twice = conversation([(0, 1.0, 2.0), (1, 3.0, 4.0)], 5.0)
    first = sounds(render(twice, same, seed=1))
    assert not np.array_equal(first[0], first[1]), "speaker"
    assert not np.array_equal(first[0], sounds(render(twice, same, seed=2))[0]), "seed"
    assert not np.array_equal(first[0], sounds(render(twice, same, seed=1, item=1))[0]), "item"
    assert np.array_equal(first[0], sounds(render(twice, same, seed=1))[0]), "nothing else"


def test_voices_of_any_level_come_out_equally_loud():
    rows = [(i % 2, 5.0 * i + 0.5, 5.0 * i + 5.0) for i in range(12)]
    loud, soft = FakeBabbler(amplitude=0.6), FakeBabbler(amplitude=0.02, pitch=180)
    audio = render(
        conversation(rows, 61.0), [LeveledVoice.measure(loud), LeveledVoice.measure(soft)], seed=0
    ).audio
    for channel in audio:
        assert active_level_db(channel, RATE) == pytest.approx(ACTIVE_LEVEL_DB, abs=1)
        assert np.max(np.abs(channel)) < 10 ** (-1 / 20)


@st.composite
def dialogues(draw: st.DrawFn) -> Conversation:
    """Two or three speakers who know nothing of each other."""
    speakers = ("A", "B", "C")[: draw(st.integers(2, 3))]
    rows = []
    for index in range(len(speakers)):
        time = 0.0
        for _ in range(draw(st.integers(0, 3))):
            start = time + draw(st.floats(0.2, 1))
            time = start + draw(st.floats(0.05, 1.5))
            rows.append((index, start, time))
    end = max([row[2] for row in rows], default=0) + draw(st.floats(0.1, 1))
    return conversation(rows or [(0, 0.01, 0.09)], end, speakers)


@settings(deadline=None, max_examples=10)
@given(dialogues(), st.integers(0, 1000))
def test_any_dialogue_sounds_as_it_is_annotated(dialogue: Conversation, seed: int):
    voices = [VOICES[c % 2] for c in range(len(dialogue.speakers))]
    rendering = render(dialogue, voices, seed=seed)
    for c in range(len(dialogue.speakers)):
        own = rendering.dialogue.speaker == c
        onsets, ends = measure_ipus(rendering.audio[c], RATE)
        assert np.allclose(onsets, rendering.dialogue.onset[own], atol=0.01)
        assert np.allclose(ends, rendering.dialogue.end[own], atol=0.01)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, 1.0, 1.04)], "of A at 1.000 s is shorter than 0.05 s"),
        ([(1, 2.0, 1.0)], "of B at 2.000 s is shorter"),
        ([(0, 1.0, 2.0), (0, 2.1, 3.0)], "of A at 2.100 s comes less than 0.18 s after the one before"),
        ([(0, 1.0, 3.0), (0, 2.0, 4.0)], "comes less than"),
        ([(0, -0.5, 1.0)], "outside the window"),
        ([(0, 1.0, 11.0)], "outside the window from 0 to 10.000 s"),
    ],
)
def test_what_is_no_dialogue_of_ipus_is_refused(rows: list[tuple[int, float, float]], message: str):
    with pytest.raises(BabbleError, match=message):
        place(conversation(rows, 10.0), RATE)


def test_words_and_several_windows_are_refused():
    with pytest.raises(BabbleError, match="not of words"):
        place(dataclasses.replace(DIALOGUE, unit="word"), RATE)
    with pytest.raises(BabbleError, match="only one window"):
        place(dataclasses.replace(DIALOGUE, windows=np.array([[0.0, 5.0], [6.0, 10.0]])), RATE)


def test_voices_must_fit():
    with pytest.raises(BabbleError, match="2 speakers, but 1 voices"):
        render(DIALOGUE, VOICES[:1], seed=0)
    other = LeveledVoice(FakeBabbler(sample_rate=8000), 1.0)
    with pytest.raises(BabbleError, match=r"16000 Hz, fake 8000 Hz\)"):
        render(DIALOGUE, [VOICES[0], other], seed=0)


def test_another_rate_works():
    speakers = [LeveledVoice.measure(FakeBabbler(sample_rate=22_050)) for _ in range(2)]
    rendering = render(DIALOGUE, speakers, seed=0)
    assert rendering.placement.first[0] == round(0.3001 * 22_050)
    assert len(measure_ipus(rendering.audio[0], 22_050)[0]) == 4
