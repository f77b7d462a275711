"""Segments from probabilities by hand, and from real speech at known times."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from babble_jax.audio import vad
from tests import real_speech

FRAME = vad.FRAME_SECONDS
PLAIN = vad.VadConfig(min_silence=2 * FRAME, min_speech=FRAME, onset_bias=0.0, end_bias=0.0)


def segments_in_frames(p: list[float], config: vad.VadConfig = PLAIN) -> list[tuple[float, float]]:
    """Detects segments (onset, end), in frames."""
    onsets, ends = vad.detect_segments(np.array(p), config)
    return [(round(a / FRAME, 6), round(b / FRAME, 6)) for a, b in zip(onsets, ends, strict=True)]


def test_edges_lie_where_the_line_crosses_the_thresholds():
    # 0 to 1 crosses 0.5 halfway to frame 1; 1 to 0 crosses 0.35 at 0.65 of the way to frame 3.
    assert segments_in_frames([0, 1, 1, 0, 0]) == [(0.5, 2.65)]
    assert segments_in_frames([0.4, 0.9, 0.9, 0.1, 0.1]) == [(0.2, 2.6875)]


def test_hysteresis():
    assert segments_in_frames([0, 1, 0.4, 1, 0, 0]) == [(0.5, 3.65)]  # never below exit
    assert segments_in_frames([0, 1, 0.4, 0.4, 0.4, 0, 0]) == [(0.5, 4.125)]  # stays open until it is
    assert segments_in_frames([0, 1, 0, 1, 0, 0]) == [(0.5, 3.65)]  # silence too short
    assert segments_in_frames([0, 1, 1, 0, 0.4, 1, 1, 0, 0]) == [
        (0.5, 2.65),
        (4.166667, 6.65),
    ]  # 0.4 does not end a silence
    assert segments_in_frames([0.4, 0.45, 0.49]) == []


def test_cut_by_the_ends():
    biased = vad.VadConfig(min_silence=2 * FRAME, min_speech=FRAME, onset_bias=0.01, end_bias=0.01)
    assert segments_in_frames([1, 1, 1], biased) == [(0, 3)]
    assert segments_in_frames([1, 1, 0], biased) == [(0, round(1.65 - 0.01 / FRAME, 6))]
    assert segments_in_frames([]) == []


def test_short_segments_are_dropped_and_biases_taken_off():
    p = [0, 1, 0, 0, 0, 1, 1, 1, 0, 0]
    config = vad.VadConfig(
        min_silence=2 * FRAME, min_speech=2 * FRAME, onset_bias=0.1 * FRAME, end_bias=0.4 * FRAME
    )
    assert segments_in_frames(p, config) == [(4.4, 7.25)]
    early = vad.VadConfig(min_silence=2 * FRAME, min_speech=0, onset_bias=9 * FRAME, end_bias=0)
    assert segments_in_frames(p, early) == [(0, 1.65), (1.65, 7.65)]  # never before 0 or into one another


@given(
    arrays.arrays(np.float32, st.integers(0, 80), elements=st.floats(0, 1, width=32)),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.floats(0, 0.3),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
)
def test_segments_are_ordered_apart_and_within_the_sound(p, enter, share, silence, onset, end):
    config = vad.VadConfig(enter, share * enter, silence, 0.05, onset, end)
    onsets, ends = vad.detect_segments(p, config)
    edges = np.stack([onsets, ends], axis=1).ravel()
    assert np.all(np.diff(edges) >= 0)
    assert np.all(ends - onsets >= 0.05)
    assert np.all((edges >= 0) & (edges <= len(p) * FRAME))


def test_every_frame_is_heard_and_none_twice():
    audio, _ = real_speech.mix_channel({"ru_0749": 0.0}, 5.0)
    complete = vad.speech_probability(audio[: 40 * vad.FRAME])
    assert complete.shape == (40,)  # the last exact frame too
    advanced = []
    partial = vad.speech_probability(audio[: 40 * vad.FRAME - 100], advanced.append)
    assert (partial.shape, sum(advanced)) == ((40,), 40)
    np.testing.assert_array_equal(partial[:39], complete[:39])  # causal, and a fresh start each time
    assert vad.speech_probability(np.zeros(0)).shape == (0,)


def test_silence_and_noise_hold_no_speech():
    noise = 0.01 * np.random.default_rng(0).standard_normal(3 * vad.RATE)
    for audio in (np.zeros(vad.RATE), noise):
        assert len(vad.detect_segments(vad.speech_probability(audio))[0]) == 0


def test_real_speech_is_found_where_it_is():
    audio, ipus = real_speech.mix_channel({"ru_0325": 1.0, "ru_0712": 7.5, "ru_0793": 13.0}, 19.0)
    onsets, ends = vad.detect_segments(vad.speech_probability(audio))
    assert len(onsets) == len(ipus)
    assert np.max(np.abs(onsets - ipus[:, 0])) < 0.06
    assert np.max(np.abs(ends - ipus[:, 1])) < 0.06


def test_the_corrections_are_those_that_were_measured():
    path = Path(__file__).parents[2] / "experiments" / "results" / "vad_bias.json"
    results = json.loads(path.read_text())
    config = vad.VadConfig()
    (biases,) = [
        row["rule"]
        for row in results["rules"]
        if (row["rule"]["enter"], row["rule"]["exit"]) == (config.enter, config.exit)
    ]
    assert config.onset_bias == pytest.approx(biases["onset_bias"], abs=0.0005)
    assert config.end_bias == pytest.approx(biases["end_bias"], abs=0.0005)
    assert abs(results["shipped_corrected"]["onset"]["median_ms"]) < 2
    assert abs(results["shipped_corrected"]["end"]["median_ms"]) < 2
