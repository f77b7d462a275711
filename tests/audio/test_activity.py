"""Activity: pauses bridged, labels read, and detection by energy that agrees with labels."""

import numpy as np
import pytest

from babble_jax.audio.activity import bridge_pauses, detect_by_energy, read_phone_labels
from babble_jax.errors import BabbleError
from tests.real_speech import IPUS, RATE, read_utterance


def test_short_silences_are_bridged_and_short_sounds_dropped():
    intervals = [(0.0, 0.5), (0.59, 1.0), (1.1, 1.14), (1.3, 1.34), (1.38, 1.42), (2.0, 2.049)]
    np.testing.assert_allclose(bridge_pauses(np.array(intervals)), [(0.0, 1.0), (1.3, 1.42)])
    np.testing.assert_allclose(bridge_pauses(np.array(intervals), min_pause=10), [(0.0, 2.049)])
    assert bridge_pauses(np.zeros((0, 2))).shape == (0, 2)
    assert bridge_pauses(np.array([(1.0, 1.01)])).shape == (0, 2)


def test_energy_finds_tone_bursts_to_a_frame():
    audio = 1e-4 * np.random.default_rng(0).standard_normal(3 * RATE)
    tone = 0.2 * np.sin(0.3 * np.arange(RATE))
    audio[8000:20000] += tone[:12000]
    audio[32000:40000] += tone[:8000]
    audio[40800:42400] += 0.02 * tone[:1600]  # 34 dB lower
    np.testing.assert_allclose(detect_by_energy(audio, RATE), [(0.5, 1.25), (2.0, 2.5)], atol=0.011)
    np.testing.assert_allclose(
        detect_by_energy(audio, RATE, below_active_db=40), [(0.5, 1.25), (2.0, 2.65)], atol=0.011
    )
    np.testing.assert_array_equal(
        detect_by_energy(3 * audio, RATE), detect_by_energy(audio, RATE)
    )  # the level is its own


def test_silence_has_no_activity():
    for audio in (np.zeros(RATE), np.zeros(0)):
        assert detect_by_energy(audio, RATE).shape == (0, 2)


@pytest.mark.parametrize("name", IPUS)
def test_energy_agrees_with_phone_labels(name):
    audio = read_utterance(name)
    time = (np.arange(len(audio) // 160) + 0.5) * 0.01

    def frames(intervals):
        return np.any([(onset <= time) & (time < end) for onset, end in intervals], axis=0)

    detected = detect_by_energy(audio, RATE)
    assert np.mean(frames(detected) == frames(IPUS[name])) > 0.94
    assert detected[0, 0] == pytest.approx(IPUS[name][0][0], abs=0.05)
    assert detected[-1, 1] == pytest.approx(IPUS[name][-1][1], abs=0.06)


def test_labels(tmp_path):
    path = tmp_path / "a.lab"
    path.write_text(
        "separator ;\nnfields 1\n#\n"
        "0.3 125 pau\n0.4 125 k\n0.5 125 a\n0.58 125 pau\n0.7 121 s\n1.2 125 sil\n1.9 125 t\n"
    )
    np.testing.assert_allclose(read_phone_labels(path), [(0.3, 0.7), (1.2, 1.9)])
    path.write_text("#\n0.3 125 pau\n")
    assert read_phone_labels(path).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no labels after a line `#`"),
        ("#\n0.3 125 a\n0.2 125 b\n", "line 3 is no label"),
        ("#\nx 125 a\n", "line 2 is no label"),
        ("#\n0.3\n", "line 2 is no label"),
        ("#\nnan 125 a\n", "line 2 is no label"),
        ("#\ninf 125 a\n", "line 2 is no label"),
    ],
)
def test_broken_labels_are_one_sentence(tmp_path, text, message):
    path = tmp_path / "a.lab"
    path.write_text(text)
    with pytest.raises(BabbleError, match=message):
        read_phone_labels(path)
