"""The ears that ship hear the same phones, and that of direction forward while the sound comes."""

import numpy as np
import pytest

from babble_jax.audio import wave
from babble_jax.dataset.splits import split_from_name
from babble_jax.ear.leveling import LEVEL_KEY
from babble_jax.ear.scoring import error_rate
from babble_jax.ear.session import EarSession
from babble_jax.presets import registry
from babble_jax.pretrained.ear import load_ear


@pytest.fixture(scope="module")
def recordings():
    """Two recordings that no ear was trained on, with their rates."""
    paths = sorted(registry.path("speech", "festvox-ru").glob("*.ogg"))
    held_out = [path for path in paths if split_from_name(f"{path.stem}.wav") == "test"]
    return [wave.read(path) for path in held_out[:2]]


def test_the_first_ear_hears_recordings_and_the_other_listens():
    assert registry.names("ears") == ["ru", "ru-forward"]
    offline, forward = (load_ear(name) for name in registry.names("ears"))
    assert (offline.config.direction, forward.config.direction) == ("both", "forward")
    assert forward.config.symbols == offline.config.symbols
    assert forward.config.latency == pytest.approx(0.2, abs=0.05)
    for ear in (offline, forward):
        assert ear.card["licence"].startswith("permissive")


def test_both_hear_nearly_the_same(recordings):
    offline, forward = load_ear("ru"), load_ear("ru-forward")
    pairs = [
        (offline.hear(audio, rate).symbols, forward.hear(audio, rate).symbols) for audio, rate in recordings
    ]
    assert 0 < error_rate(pairs) < 0.25


def test_listening_gives_what_hearing_gives(recordings):
    forward = load_ear("ru-forward")
    (audio, rate), *_ = recordings
    level = forward.card[LEVEL_KEY]  # so that the sound stays as it is
    session, events = EarSession(forward, rate, level=level, match_spectrum=False), []
    for start in range(0, len(audio), rate // 50):
        events += session.push(audio[start : start + rate // 50])
    events += session.finish()
    assert [event.symbol for event in events] == list(forward.hear(audio, rate, beam=None).symbols)


def test_a_listener_hears_through_another_microphone(recordings):
    forward = load_ear("ru-forward")
    (audio, rate), *_ = recordings
    sound = np.diff(audio, prepend=np.float32(0))  # 6 dB more an octave
    right = forward.hear(audio, rate, beam=None).symbols
    errors = []
    for match_spectrum in (True, False):
        session = EarSession(forward, rate, match_spectrum=match_spectrum)
        events = session.push(sound) + session.finish()
        errors.append(error_rate([(right, [event.symbol for event in events])]))
    matched, left = errors
    assert matched < 0.5 * left
