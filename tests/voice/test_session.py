"""A session in time: any blocks, branches and restores give the sound of a straight run; stops end in silence."""

import copy
import pickle

import jax
import numpy as np
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import PretrainedVoice
from babble_jax.pretrained.session import open_session
from babble_jax.voice.conditioning.stream_features import conditioning
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNetConfig
from babble_jax.voice.session import VoiceSession
from babble_jax.voice.speak import generate_audio
from experiments.bench.session import measure_stops
from tests.voice.unit_voice import RATE, build_unit_voice, draw_params

KEYS = jax.random.split(jax.random.key(0), 3)
SPEAKERS = np.array([0, 1, 1])
SAMPLERS = ("compiled", "native", "int8")
FRAME = 8
LENGTHS = (1, 3, 8, 13, 16, 40, 96, 400)
SILENT = round(0.1 * RATE)


@pytest.fixture(scope="module")
def voice():
    return build_unit_voice()


def begin(voice, sampler="native", streams=1):
    return VoiceSession(voice, KEYS[:streams], speaker=SPEAKERS[:streams], sampler=sampler)


def straight(session, history):
    """The sound of a session that is told the same in one step: history of (active, samples)."""
    frames, samples = [], 0
    for active, length in history:
        samples += length
        frames += [active] * (-(-samples // FRAME) - len(frames))
    return session.step({"active": frames}, samples)[0]


def play(begin, draws, actions=12):
    """Pushes, stops, branches and restores at random; each branch must sound as a straight run does.

    Args:
      begin: opens a session of any kind, always the same, whose top frame is `FRAME`.
      draws: generator of what is done.
      actions: how many.
    """
    now, history, sound = begin(), [], []
    stored = [(now.state, [], [])]
    for _ in range(actions):
        action = draws.integers(8)
        if action == 0:
            stored.append((now.state, [*history], [*sound]))
        elif action == 1:
            now.state, history, sound = stored[draws.integers(len(stored))]
            history, sound = [*history], [*sound]
        elif action == 2:
            other = now.branch()
            other.step({"active": bool(draws.integers(2))}, int(draws.choice(LENGTHS)))
        elif action == 3:
            now.state = pickle.loads(pickle.dumps(copy.deepcopy(now.state)))
        else:
            history.append((bool(draws.integers(3)), int(draws.choice(LENGTHS))))
            sound.append(now.step({"active": history[-1][0]}, history[-1][1])[0])
    if history:
        np.testing.assert_array_equal(np.concatenate(sound), straight(begin(), history))


def test_random_sequences_of_pushes_stops_branches_and_restores_equal_straight_runs(voice):
    for seed in range(100):
        play(lambda: begin(voice), np.random.default_rng(seed))


@pytest.mark.slow
def test_a_thousand_random_sequences_equal_straight_runs(voice):
    for seed in range(1000):
        play(lambda: begin(voice), np.random.default_rng(seed))


def test_a_branch_in_the_middle_gives_both_futures(voice):
    session = begin(voice, streams=3)
    past = session.step({"active": 1}, 500)
    other, copied = session.branch(), copy.deepcopy(session)
    stopped, going = session.step({"active": 0}, 600), other.step({"active": 1}, 600)
    assert not np.array_equal(stopped, going)
    np.testing.assert_array_equal(copied.step({"active": 0}, 600), stopped)
    for future, order in ((stopped, 0), (going, 1)):
        alone = begin(voice, streams=3)
        active = np.repeat([1, order], [63, 75])
        np.testing.assert_array_equal(
            alone.step({"active": active}, 1100), np.concatenate([past, future], axis=1)
        )


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_lengths_of_blocks_do_not_matter(voice, sampler):
    active = np.repeat([1, 0, 1], [20, 60, 20])  # starts anew before frame 68: two lengths to compile
    complete = begin(voice, sampler, 3).step({"active": active}, 800)
    lengths = (272, 272, 256) if sampler == "compiled" else (8, 1, 150, 7, 5, 11, 400, 218)
    session, blocks = begin(voice, sampler, 3), []
    for length in lengths:
        first, count = session.next_frames(length)
        blocks.append(session.step({"active": active[first : first + count]}, length))
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), complete)


def test_a_stream_depends_on_what_it_is_told_alone(voice):
    active = np.random.default_rng(0).integers(0, 2, (3, 10)).repeat(20, axis=1)
    together = begin(voice, streams=3).step({"active": active}, 1600)
    alone = VoiceSession(voice, KEYS[2:], speaker=SPEAKERS[2:], sampler="native")
    np.testing.assert_array_equal(alone.step({"active": active[2]}, 1600), together[2:])


def test_channels_pushed_frame_by_frame_give_the_sound_of_the_plan(voice):
    active = [np.array([(0.1, 0.2), (0.3, 0.35)])] * 3
    local = conditioning(voice, active, KEYS, SPEAKERS)
    assert local is not None
    expected = generate_audio(voice, KEYS, 1600, speaker=SPEAKERS, local=local)
    session, blocks = begin(voice, streams=3), []
    for length in (3, 400, 1, 1196):
        channels = local(*session.next_frames(length))
        assert set(channels) == set(session.channels)
        blocks.append(session.step(channels, length))
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), expected)


def test_a_session_goes_on_from_a_prompt_live(voice):
    prompt = np.random.default_rng(1).normal(0, 0.1, (1, 37)).astype(np.float32)
    zeros = dict.fromkeys(voice.config.channels, 0.0)
    one, other = begin(voice), begin(voice)
    for session in (one, other):
        session.read_prompt(prompt, zeros)
    parts = [other.step({"active": 1}, length) for length in (2, 1, 300, 497)]
    np.testing.assert_array_equal(one.step({"active": 1}, 800), np.concatenate(parts, axis=1))
    with pytest.raises(BabbleError, match="before its first step only"):
        one.read_prompt(prompt, zeros)


@pytest.mark.parametrize("model", [None, WaveNetConfig(stacks=2, layers=2, channels=8, skip=8, hop=8)])
def test_stopped_streams_are_silent_in_time_whatever_the_model(voice, model):
    """Random parameters obey nothing: it is the gate that makes silence."""
    session = begin(voice if model is None else build_unit_voice(model), streams=3)
    assert not session.step({"active": 0}, 200).any()
    for length in (FRAME, 40, 400):
        spoken = session.step({"active": 1}, length)
        assert spoken.any(axis=1).all()
        rest = session.step({"active": 0}, 3 * SILENT)
        assert rest[:, : SILENT // 2].any(axis=1).all()
        assert not rest[:, SILENT:].any()


def test_a_start_within_a_release_waits_for_its_end(voice):
    session = begin(voice)
    session.step({"active": 1}, 400)
    waiting = session.step({"active": 1 - np.eye(100, dtype=int)[0]}, 800)[0]
    silence = np.flatnonzero(waiting == 0)
    assert 0.05 * RATE < silence[0] <= 0.06 * RATE + FRAME
    assert waiting[SILENT + 40 :].any()


def test_a_voice_that_is_conditioned_on_nothing_is_gated_all_the_same():
    model = SampleRNNConfig(frame_sizes=(8, 2), dim=8, embedding=4, hidden=1, expand_top=True, reset="after")
    config = VoiceConfig(model, Quantizer("mu_law", 16), RATE)
    bare = PretrainedVoice(config, draw_params(config, np.random.default_rng(0)))
    session = VoiceSession(bare, KEYS[:1], sampler="native")
    assert session.channels == ("active",)
    assert session.branch().step({}, 100).any()
    assert not session.step({"active": 0}, 100).any()
    assert session.step({"active": 1}, 100).any()
    assert not session.step({"active": 0}, 800)[:, SILENT:].any()


def test_a_channel_that_is_pushed_takes_the_place_of_the_one_that_is_filled_in(voice):
    session = begin(voice)
    default = session.branch().step({"active": 1}, 400)
    assert not np.array_equal(session.branch().step({"active": 1, "unit": 3, "pitch": 0.5}, 400), default)
    assert not np.array_equal(session.branch().step({"active": 1, "rms_db": -20.0}, 400), default)


def test_channels_that_do_not_fit_are_refused_in_a_sentence(voice):
    session = begin(voice)
    with pytest.raises(
        BabbleError, match=r"does not know the channel finality; it takes active, onset_0\.1s"
    ):
        session.step({"active": 1, "finality": 0.5}, 80)
    with pytest.raises(BabbleError, match=r"also takes the channel active, onset_0\.1s, end_0\.1s, unit"):
        session.step({}, 80)
    with pytest.raises(BabbleError, match="also takes the channel unit, pitch, rms_db"):
        session.step({"active": 1, "onset_0.1s": 0, "end_0.1s": 0}, 80)
    assert session.state.position == 0


def check_stops(speaker, moments):
    measures = measure_stops(open_session("babblers", speaker=speaker, seed=moments), moments)
    assert measures["departs_ms"]["max"] <= 20
    assert measures["last_above_60_dbfs_ms"]["max"] <= 100
    assert measures["last_above_50_below_level_ms"]["max"] <= 100
    for name in ("largest_step_dbfs", "largest_treble_dbfs"):
        for share in ("median", "max"):
            assert measures["stopped"][name][share] <= measures["going_on"][name][share] + 1
    return measures


def test_the_shipped_voice_stops_in_time():
    check_stops("man", 3)


@pytest.mark.slow
@pytest.mark.parametrize("speaker", ["man", "woman"])
def test_the_shipped_voice_stops_in_time_at_200_moments(speaker):
    measures = check_stops(speaker, 200)
    assert measures["ungated_last_above_30_below_level_ms"]["median"] < 80  # by its own release
    assert measures["softer_for_good_ms"]["median"] <= 20


@pytest.mark.parametrize(
    ("channels", "samples", "message"),
    [
        ({"active": np.nan}, 64, "holds what is no number"),
        ({"active": "yes"}, 64, "holds what is no number"),
        ({"active": 2}, 64, "holds other values than 0 and 1"),
        ({"active": np.ones(3)}, 64, "give one, or an array that broadcasts"),
        ({"active": 1, "unit": 10**6}, 64, "holds no unit of this voice"),
        ({"active": 1, "unit": -1}, 64, "holds no unit of this voice"),
        ({"active": 1}, -1, "A block has 0 samples or more"),
    ],
)
def test_values_that_a_channel_cannot_have_are_refused(channels, samples, message):
    session = open_session("babblers")
    before = session.state
    with pytest.raises(BabbleError, match=message):
        session.step(channels, samples)
    assert session.state is before


def test_a_sampler_that_there_is_not_is_refused():
    with pytest.raises(BabbleError, match="no sampler 'fast'; choose one of auto, compiled, native, int8"):
        open_session("babblers", sampler="fast")
