import numpy as np

from babble_jax.agent.cues.silences import find_silences
from babble_jax.conversation.conversation import Conversation


def conversation(*segments: tuple[str, float, float]) -> Conversation:
    return Conversation(
        id="one",
        corpus="made",
        speakers=("A", "B"),
        speaker=np.array(["AB".index(name) for name, _, _ in segments], np.int32),
        onset=np.array([onset for _, onset, _ in segments]),
        end=np.array([end for _, _, end in segments]),
        mark=np.zeros(len(segments), np.uint8),
        unit="ipu",
        language=None,
        group="one",
        windows=np.array([[0.0, 60.0]]),
    )


def rows(silences) -> list[tuple]:
    return [
        (int(s), round(float(a), 3), round(float(b), 3), bool(o))
        for s, a, b, o in zip(*silences, strict=True)
    ]


def test_says_who_goes_on():
    silences = find_silences(conversation(("A", 0, 2), ("A", 2.5, 5), ("B", 5.4, 8), ("A", 8.2, 11)))
    assert rows(silences) == [(0, 2.0, 2.5, False), (0, 5.0, 5.4, True), (1, 8.0, 8.2, True)]


def test_a_backchannel_ends_a_silence_and_takes_no_turn():
    # B's "mm" in A's pause: A goes on.
    silences = find_silences(conversation(("A", 0, 3), ("B", 3.3, 3.6), ("A", 4.0, 7), ("B", 7.5, 10)))
    assert rows(silences) == [(0, 3.0, 3.3, False), (0, 7.0, 7.5, True)]


def test_overlaps_and_the_last_ipu_are_left_out():
    assert rows(find_silences(conversation(("A", 0, 3), ("B", 2.5, 5), ("A", 5.5, 7)))) == [
        (1, 5.0, 5.5, True)
    ]
    assert len(find_silences(conversation(("A", 0, 3)))) == 0
