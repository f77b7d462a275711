import numpy as np
import pytest

from babble_jax.agent.hearing.perception import Perception
from babble_jax.agent.make_engine import make_engine, seat_delay
from babble_jax.agent.voices.agent_voice import ClickVoice
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.controls import SilentPlayer
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.floor.player import FloorPlayer


def test_the_player_knows_the_delay_of_hearing_and_of_the_devices():
    engine = make_engine(voice="clicks", output_delay=0.1)
    assert isinstance(engine.player, FloorPlayer)
    assert engine.player.delay == pytest.approx(seat_delay(Perception(), 0.1))
    assert seat_delay(Perception()) == pytest.approx(Perception().lag + 0.02)


def test_knobs_change_while_it_runs_and_wrong_ones_are_refused():
    silence = np.zeros(320 * 500, np.float32)
    plain, eager = (make_engine(voice="clicks", seed=1) for _ in range(2))
    np.testing.assert_array_equal(plain.step(silence[:3200]), eager.step(silence[:3200]))
    eager.set_knobs(patience=0.1, backchannels=3.0)
    assert isinstance(eager.player, FloorPlayer)
    assert eager.player.rules.knobs == Knobs(patience=0.1, backchannels=3.0)
    eager.set_knobs(backchannels=1.0)
    assert eager.player.rules.knobs == Knobs(patience=0.1)
    assert not np.array_equal(plain.step(silence), eager.step(silence))
    for wrong in ({"patience": -1.0}, {"temper": 1.0}):
        with pytest.raises(BabbleError):
            eager.set_knobs(**wrong)
    plain.player = SilentPlayer()
    plain.set_knobs(patience=2.0)  # a control has none


def test_the_floor_goes_on_alike_after_a_snapshot():
    draws = np.random.default_rng(0)
    sound = draws.uniform(-0.1, 0.1, 320 * 300).astype(np.float32)
    engine = make_engine(voice="clicks", seed=5)
    engine.step(sound[:20_000])
    snapshot = engine.snapshot()
    engine.drain()
    expected = engine.step(sound[20_000:]), [hop.frames for hop in engine.drain()]
    other = make_engine(voice="clicks", seed=5)
    other.restore(snapshot)
    np.testing.assert_array_equal(other.step(sound[20_000:]), expected[0])
    assert [hop.frames for hop in other.drain()] == expected[1]


def test_a_voice_of_ones_own_is_taken_as_it_is():
    voice = ClickVoice(48_000)
    engine = make_engine(voice=voice)
    assert engine.voice is voice
    assert engine.step(np.zeros(1000, np.float32)).shape == (1000,)
