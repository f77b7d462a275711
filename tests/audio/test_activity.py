"""Activity: intervals bridged, read from labels, and found by energy where labels know the answer."""

import numpy as np
import pytest

from babble_jax.audio.activity import bridged, by_energy, read_labels
from babble_jax.errors import BabbleError
from tests.spoken import IPUS, RATE, utterance


def test_short_silences_are_bridged_and_short_sounds_dropped():
    given = [(0.0, 0.5), (0.59, 1.0), (1.1, 1.14), (1.3, 1.34), (1.38, 1.42), (2.0, 2.049)]
    np.testing.assert_allclose(bridged(np.array(given)), [(0.0, 1.0), (1.3, 1.42)])
    np.testing.assert_allclose(bridged(np.array(given), gap=10), [(0.0, 2.049)])
    assert bridged(np.zeros((0, 2))).shape == (0, 2)
    assert bridged(np.array([(1.0, 1.01)])).shape == (0, 2)


def test_energy_finds_tone_bursts_to_a_frame():
    audio = 1e-4 * np.random.default_rng(0).standard_normal(3 * RATE)
    tone = 0.2 * np.sin(0.3 * np.arange(RATE))
    audio[8000:20000] += tone[:12000]
    audio[32000:40000] += tone[:8000]
    audio[40800:42400] += 0.02 * tone[:1600]  # 34 dB lower
    np.testing.assert_allclose(by_energy(audio, RATE), [(0.5, 1.25), (2.0, 2.5)], atol=0.011)
    np.testing.assert_allclose(by_energy(audio, RATE, below=40), [(0.5, 1.25), (2.0, 2.65)], atol=0.011)
    np.testing.assert_array_equal(by_energy(3 * audio, RATE), by_energy(audio, RATE))  # the level is its own


def test_silence_has_no_activity():
    for audio in (np.zeros(RATE), np.zeros(0)):
        assert by_energy(audio, RATE).shape == (0, 2)


@pytest.mark.parametrize("name", IPUS)
def test_energy_agrees_with_phone_labels(name):
    audio = utterance(name)
    time = (np.arange(len(audio) // 160) + 0.5) * 0.01

    def frames(intervals):
        return np.any([(start <= time) & (time < stop) for start, stop in intervals], axis=0)

    found = by_energy(audio, RATE)
    assert np.mean(frames(found) == frames(IPUS[name])) > 0.94
    assert found[0, 0] == pytest.approx(IPUS[name][0][0], abs=0.05)
    assert found[-1, 1] == pytest.approx(IPUS[name][-1][1], abs=0.06)


def test_labels(tmp_path):
    path = tmp_path / "a.lab"
    path.write_text(
        "separator ;\nnfields 1\n#\n"
        "0.3 125 pau\n0.4 125 k\n0.5 125 a\n0.58 125 pau\n0.7 121 s\n1.2 125 sil\n1.9 125 t\n"
    )
    np.testing.assert_allclose(read_labels(path), [(0.3, 0.7), (1.2, 1.9)])
    path.write_text("#\n0.3 125 pau\n")
    assert read_labels(path).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no labels after a line `#`"),
        ("#\n0.3 125 a\n0.2 125 b\n", "line 3 is no label"),
        ("#\nx 125 a\n", "line 2 is no label"),
        ("#\n0.3\n", "line 2 is no label"),
        ("#\nnan 125 a\n", "line 2 is no label"),
        ("#\ninf 125 a\n", "line 2 is no label"),
    ],
)
def test_broken_labels_are_one_sentence(tmp_path, text, says):
    path = tmp_path / "a.lab"
    path.write_text(text)
    with pytest.raises(BabbleError, match=says):
        read_labels(path)
