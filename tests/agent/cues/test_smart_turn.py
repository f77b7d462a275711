import hashlib
import sys
import threading
import types

import librosa
import numpy as np
import pytest

from babble_jax.agent.cues import smart_turn
from babble_jax.agent.cues.cue import Calibration
from babble_jax.agent.cues.smart_turn import SAMPLES, SmartTurnCue, SmartTurnModel, log_mel, score
from babble_jax.errors import BabbleError
from tests.real_speech import read_utterance

HOP = np.full(320, 0.01, np.float32)
PLAIN = Calibration(1.0)


class MeanModel:
    """Answers by the mean of the sound, when it is let."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()
        self.calls = 0

    def probability(self, audio):
        assert audio.shape == (SAMPLES,)
        assert self.go.wait(10)
        self.calls += 1
        return float(1 / (1 + np.exp(-audio[-320:].mean())))


def ask(cue, silences, hop=HOP):
    answers = []
    for silence in silences:
        cue.push(hop)
        answers.append(cue.log_odds(silence))
    return answers


def test_features_are_whispers():
    # As the definition says, by librosa: periodic Hann window, centred frames, Slaney's bands.
    audio = np.pad(read_utterance("ru_0325"), (SAMPLES, 0))[-SAMPLES:]
    ours = log_mel(audio)
    normal = (audio - audio.mean()) / np.sqrt(audio.var() + 1e-7)
    power = np.abs(librosa.stft(normal, n_fft=400, hop_length=160, pad_mode="reflect"))[:, :-1] ** 2
    mel = np.log10(np.maximum(librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80) @ power, 1e-10))
    np.testing.assert_allclose(ours, (np.maximum(mel, mel.max() - 8) + 4) / 4, atol=2e-4)
    assert ours.shape == (80, 800)
    assert ours.dtype == np.float32
    assert np.all(np.isfinite(log_mel(np.zeros(SAMPLES))))


def test_is_asked_once_in_a_silence_and_answers_later():
    model = MeanModel()
    cue = SmartTurnCue(model, PLAIN, offline=True)
    times = [0.0, 0.0, 0.1, 0.2, 0.22, 0.28, 0.3, 0.5, 1.0]
    answers = ask(cue, times)
    assert answers[:6] == [None] * 6
    assert answers[6:] == [pytest.approx(0.01, abs=1e-6)] * 3
    assert model.calls == 1
    # The next silence is another question, of another sound.
    assert ask(cue, [0.0, 0.2, 0.3], 3 * HOP)[2] == pytest.approx(0.03, abs=1e-6)
    assert model.calls == 2
    assert ask(cue, [np.inf]) == [None]


def test_a_late_answer_is_dropped():
    model = MeanModel()
    cue = SmartTurnCue(model, PLAIN)
    model.go.clear()
    assert ask(cue, [0.2, 0.3, 0.4]) == [None] * 3
    assert cue.late == 1
    model.go.set()
    cue._thread.submit(int).result()
    assert ask(cue, [0.5]) == [None]
    # It is no answer to the next silence.
    assert ask(cue, [0.0, 0.2], 5 * HOP) == [None, None]
    cue._thread.submit(int).result()
    assert ask(cue, [0.3], 5 * HOP)[0] == pytest.approx(0.05, abs=1e-6)


def test_a_snapshot_goes_back_to_a_question():
    cue = SmartTurnCue(MeanModel(), PLAIN, offline=True)
    ask(cue, [0.0, 0.2])
    state = cue.state
    first = ask(cue, [0.3, 0.32])
    ask(cue, [0.0, 0.2, 0.3], 9 * HOP)
    cue.state = state
    assert ask(cue, [0.3, 0.32]) == first
    fresh = SmartTurnCue(MeanModel(), PLAIN, offline=True)
    fresh.state = state
    assert ask(fresh, [0.3, 0.32]) == first


def test_takes_any_sound():
    cue = SmartTurnCue(MeanModel(), PLAIN, offline=True)
    for size in (0, 1, 320, SAMPLES + 5):
        cue.push(np.full(size, np.nan))
        cue.push(np.full(size, np.inf))
        assert cue.state.audio.shape == (SAMPLES,)
    assert np.all(cue.state.audio == 1)


def test_scores_are_bounded():
    assert score(0.5) == 0.0
    assert (score(0.0), score(1.0)) == (-6.0, 6.0)


def test_refuses_another_file(tmp_path):
    with pytest.raises(BabbleError, match="there is no such file"):
        SmartTurnModel(tmp_path / "none.onnx")
    (tmp_path / "other.onnx").write_bytes(b"other")
    with pytest.raises(BabbleError, match=r"is not smart-turn-v3\.2-cpu\.onnx"):
        SmartTurnModel(tmp_path / "other.onnx")


def test_says_how_to_get_onnxruntime(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"model")
    monkeypatch.setattr(smart_turn, "SHA256", hashlib.sha256(b"model").hexdigest())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BabbleError, match=r"pip install 'babble_jax\[cue\]'"):
        SmartTurnModel(path)


def test_runs_the_network_on_features(tmp_path, monkeypatch):
    path, inputs = tmp_path / "model.onnx", []
    path.write_bytes(b"model")

    class Session:
        def __init__(self, content, options, providers):
            assert content == b"model"

        def run(self, names, values):
            inputs.append(values["input_features"])
            return [np.array([[0.25]], np.float32)]

    runtime = types.ModuleType("onnxruntime")
    vars(runtime).update(SessionOptions=types.SimpleNamespace, InferenceSession=Session)
    monkeypatch.setattr(smart_turn, "SHA256", hashlib.sha256(b"model").hexdigest())
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    assert SmartTurnModel(path).probability(np.zeros(SAMPLES)) == 0.25
    assert inputs[0].shape == (1, 80, 800)
