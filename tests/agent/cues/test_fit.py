import jax
import numpy as np
import pytest

from babble_jax.agent.cues import fit
from babble_jax.agent.cues.fit import CueConversation, area_under_curve, find_recordings, fit_cue
from babble_jax.agent.cues.network import BANDS, load_network
from babble_jax.agent.cues.settings import CueFitConfig
from babble_jax.agent.cues.silences import Silences
from babble_jax.audio import wave
from babble_jax.errors import BabbleError
from tests.command import done, refused
from tests.real_speech import mix_channel

TINY = CueFitConfig(units=6, epochs=15, learning_rate=0.03, batch_size=4, folds=2)


def make_conversation(seed: int, marked: bool = True) -> CueConversation:
    """Makes frames in which a turn's end has a mark of a fifth of a second, where it is marked."""
    rng = np.random.default_rng(seed)
    hops, count = 2400, 24
    frames = [rng.normal(-0.3, 0.2, (hops, BANDS)).astype(np.float16) for _ in range(2)]
    onset = 1.5 + 1.9 * np.arange(count) + rng.uniform(0, 0.3, count)
    speaker, over = rng.integers(0, 2, count), rng.random(count) < 0.5
    for s, t, is_over in zip(speaker, onset, over, strict=True):
        if is_over and marked:
            end = round(t / fit.HOP_SECONDS)
            frames[s][end - 10 : end, 5:15] += 1.5
    return CueConversation(f"{seed}", (frames[0], frames[1]), Silences(speaker, onset, onset + 1.2, over))


@pytest.mark.slow
def test_a_mark_at_the_end_of_turns_is_learned_and_noise_is_not():
    network = fit_cue([make_conversation(seed) for seed in range(4)], TINY)
    assert network.metrics["auc"] > 0.95
    assert network.metrics["log_score_gain"] > 0.2
    plain = fit_cue([make_conversation(seed, marked=False) for seed in range(4)], TINY)
    assert plain.metrics["auc"] < 0.75
    assert plain.metrics["log_score_gain"] < 0.1


def test_the_network_in_numpy_is_the_one_that_was_trained():
    model = fit._Gru(5)
    frames = np.random.default_rng(0).normal(-1, 1, (1, 30, BANDS)).astype(np.float32)
    params = jax.jit(model.init)(jax.random.key(0), frames)
    params = jax.tree.map(lambda x: x + 0.1 * jax.random.normal(jax.random.key(1), x.shape), params)
    network = fit.CueNetwork(*fit._export(params), fit.fit_calibration(
        np.array([1.0, 0.0]), np.array([True, False]), np.zeros(2)), {})  # fmt: skip
    state, scores = np.zeros(5, np.float32), []
    for frame in frames[0]:
        state, score = network.step(state, frame)
        scores.append(score)
    np.testing.assert_allclose(scores, jax.jit(model.apply)(params, frames)[0], atol=1e-5)


def test_the_area_under_the_curve_counts_ties_half():
    assert area_under_curve(np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, False])) == 0.625
    assert area_under_curve(np.zeros(2), np.array([True, True])) is None


def test_refuses_too_little():
    with pytest.raises(BabbleError, match="two recorded conversations or more"):
        fit_cue([make_conversation(0)], TINY)
    few = make_conversation(0)
    few = few._replace(silences=Silences(*(column[:9] for column in few.silences)))
    with pytest.raises(BabbleError, match="a cue needs 20 of each"):
        fit_cue([few, few], TINY)


def test_finds_recordings(tmp_path):
    with pytest.raises(BabbleError, match="holds no recordings"):
        find_recordings([tmp_path])
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "deep").mkdir()
    for name in ("b.wav", "deep/a.FLAC"):
        (tmp_path / name).write_bytes(b"")
    assert find_recordings([tmp_path]) == [tmp_path / "b.wav", tmp_path / "deep" / "a.FLAC"]


def test_the_verb_refuses_mono_and_a_single_recording(tmp_path, capsys):
    audio = 0.1 * np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    wave.write(tmp_path / "mono.wav", audio, 16_000)
    line = f"cue fit {tmp_path / 'mono.wav'} --out {tmp_path / 'cue.safetensors'}"
    assert "a cue needs recordings with a speaker on each of 2" in refused(capsys, line)
    assert "only .safetensors is written here" in refused(
        capsys, f"cue fit {tmp_path} --out {tmp_path / 'cue.txt'}"
    )


@pytest.mark.slow
def test_the_verb_writes_a_cue_that_is_read(tmp_path, capsys):
    names = ("ru_0325", "ru_0449", "ru_0793", "ru_0412")
    for k in range(2):
        rng, at, onsets = np.random.default_rng(k), 0.5, []
        for i in range(30):
            onsets.append((i % 2 if rng.random() < 0.7 else 0, names[rng.integers(4)], at))
            at += 6.0 + rng.uniform(0.3, 1.0)
        channels = [np.zeros(round(at * 16_000), np.float32) for _ in range(2)]
        for speaker, name, onset in onsets:
            audio, _ = mix_channel({name: 0.0}, 6.0)
            channels[speaker][round(onset * 16_000) :][: len(audio)] += audio
        wave.write(tmp_path / "calls" / f"{k}.wav", np.stack(channels, axis=1), 16_000)
    out = tmp_path / "cue.safetensors"
    printed = done(capsys, f"cue fit {tmp_path / 'calls'} --out {out} --units 4 --epochs 2").out
    assert "held out, at 0.2 s of silence: area under the ROC curve" in printed
    assert load_network(out).metrics["conversations"] == 2
