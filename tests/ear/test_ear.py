"""An ear whose network is set by hand so that tones are its symbols."""

import numpy as np
import pytest

from babble_jax.ear.config import EarConfig
from babble_jax.ear.ear import Ear
from babble_jax.errors import BabbleError
from babble_jax.ngram import fit_ngram
from tests.ear.tone_ear import RATE, make_tones, tone_ear


@pytest.mark.parametrize("direction", ["both", "forward"])
def test_it_hears_tones_and_their_times(direction):
    ear = tone_ear(direction)
    audio = make_tones("a_b__ab", 0.2)
    segments = ear.hear(audio, RATE)
    assert "".join(segments.symbols) == "a_b_ab"
    np.testing.assert_allclose(segments.onset, [0, 0.2, 0.4, 0.6, 1.0, 1.2], atol=0.021)
    np.testing.assert_allclose(segments.end, [*segments.onset[1:], 1.4], atol=1e-9)
    assert segments.confidence.min() > 0.5
    assert ear.hear(audio, RATE, beam=None).symbols == segments.symbols


def test_it_aligns_symbols_with_optional_pauses():
    ear = tone_ear("both")
    segments = ear.align(make_tones("_a_bab", 0.2), RATE, ["a", "_", "b", "_", "a", "b"])
    assert "".join(segments.symbols) == "_a_bab"
    np.testing.assert_allclose(segments.onset, np.arange(6) * 0.2, atol=0.021)


def test_audio_of_another_rate_is_resampled():
    audio = make_tones("ab", 0.3, 44_100)
    segments = tone_ear("both").hear(audio, 44_100)
    assert "".join(segments.symbols) == "ab"
    assert segments.end[-1] == pytest.approx(0.6)


def test_a_long_recording_is_heard_in_pieces(monkeypatch):
    monkeypatch.setattr("babble_jax.ear.pieces._MOST", 3000)
    ear = tone_ear("both")
    audio = np.tile(make_tones("ab__", 0.5), 35)  # 70 s
    segments = ear.hear(audio, RATE)
    assert "".join(segments.without({"_"}).symbols) == "ab" * 35
    np.testing.assert_allclose(segments.without({"_"}).onset[::2], np.arange(35) * 2, atol=0.021)
    log_probs = ear.log_probs(audio, RATE)
    assert len(log_probs.ctc) == len(log_probs.frames) == ear.config.count_steps(1 + len(audio) // 160)


def test_silence_is_one_segment():
    ear = tone_ear("both")
    segments = ear.hear(np.zeros(RATE, np.float32), RATE)
    assert segments.symbols == ("_",)
    assert (segments.onset[0], segments.end[0]) == (0, 1)


def test_bad_input_is_refused():
    ear = tone_ear("both")
    with pytest.raises(BabbleError, match="does not know 'x'"):
        ear.align(np.zeros(RATE), RATE, ["x"])
    with pytest.raises(BabbleError, match="0 symbols"):
        ear.align(np.zeros(RATE), RATE, ["_"])
    with pytest.raises(BabbleError, match="symbols are to be aligned"):
        ear.align(np.zeros(400), RATE, ["a"] * 9)
    with pytest.raises(BabbleError, match="one channel"):
        ear.hear(np.zeros((RATE, 2)), RATE)
    with pytest.raises(ValueError, match="different symbols"):
        Ear(EarConfig(("a",)), {}, fit_ngram(["ab"]))


def test_without_frame_head_the_peak_of_each_symbol_lies_in_its_segment():
    segments = tone_ear("both", frame_head=False).hear(make_tones("ab", 0.2), RATE).without({"_"})
    assert "".join(segments.symbols) == "ab"
    assert segments.onset[0] <= 0.02
    assert segments.onset[1] <= 0.221
    assert segments.end[1] >= 0.2
