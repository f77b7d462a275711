import numpy as np

from babble_jax.dialogue.detection import measure_ipus

RATE = 16_000


def channel(*stretches: tuple[float, float], amplitude: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(0)
    audio = np.zeros(3 * RATE)
    for start, end in stretches:
        part = slice(round(start * RATE), round(end * RATE))
        audio[part] = amplitude * rng.choice([-1.0, 1.0], part.stop - part.start)
    return audio


def test_stretches_of_sound_are_measured_to_the_sample():
    onsets, ends = measure_ipus(channel((0.5003, 1.0), (1.5, 2.2007)), RATE)
    assert np.allclose(onsets, np.rint(np.array([0.5003, 1.5]) * RATE) / RATE)
    assert np.allclose(ends, np.rint(np.array([1.0, 2.2007]) * RATE) / RATE)


def test_a_silence_of_180_ms_parts_and_a_shorter_one_does_not():
    assert len(measure_ipus(channel((0.5, 1.0), (1.18, 2.0)), RATE)[0]) == 2
    assert len(measure_ipus(channel((0.5, 1.0), (1.1799, 2.0)), RATE)[0]) == 1


def test_sound_up_to_both_ends_of_the_file():
    onsets, ends = measure_ipus(channel((0, 3)), RATE)
    assert (onsets.tolist(), ends.tolist()) == ([0.0], [3.0])


def test_silence_hiss_and_a_click_are_no_ipus():
    assert len(measure_ipus(np.zeros(RATE), RATE)[0]) == 0
    assert len(measure_ipus(channel((0.5, 1.0), amplitude=0.0009), RATE)[0]) == 0
    click = np.zeros(RATE)
    click[777] = 0.02
    assert len(measure_ipus(click, RATE)[0]) == 0
