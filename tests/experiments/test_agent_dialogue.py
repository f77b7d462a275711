import numpy as np
import pytest

from babble_jax.agent.engine import Engine
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.errors import BabbleError
from experiments.pipelines.agent_dialogue import let_talk
from tests.agent.players import RandomPlayer
from tests.agent.test_engine import LevelPerception


def engines():
    return tuple(Engine(RandomPlayer(seed), ClickVoice(), LevelPerception()) for seed in (1, 2))


def test_each_hears_the_other_and_the_ipus_are_those_of_the_decisions():
    dialogue = let_talk(engines(), 20.0)
    assert dialogue.audio.shape == (320_000, 2)
    speech = np.array([[hop.user.speech for hop in hops] for hops in dialogue.hops])
    for own, other in ((0, 1), (1, 0)):
        loud = np.any(np.abs(dialogue.audio[:, own]).reshape(-1, 320) > 0.05, axis=1)
        assert np.corrcoef(speech[other, 1:], loud[:-1])[0, 1] > 0.8
        assert len(dialogue.hops[own]) == 1000
    decided, measured = dialogue.decided(first=1.0), dialogue.measured(first=1.0)
    for speaker in (0, 1):  # silences of less than 0.18 s are measured as none
        onsets = decided.onset[decided.speaker == speaker]
        assert set(np.round(measured.onset[measured.speaker == speaker], 6)) <= set(np.round(onsets, 6))
    assert decided.windows.tolist() == [[0.0, 19.0]]


def test_two_runs_are_alike_and_impossible_ones_are_refused():
    first, second = (let_talk(engines(), 3.0) for _ in range(2))
    np.testing.assert_array_equal(first.audio, second.audio)
    with pytest.raises(BabbleError, match="at least"):
        let_talk(engines(), 0.001)
    fast = Engine(RandomPlayer(1), ClickVoice(48_000), LevelPerception())
    with pytest.raises(BabbleError, match="one rate"):
        let_talk((engines()[0], fast), 3.0)
