import sys
import threading
import types
from typing import Any

import numpy as np
import pytest

from babble_jax.agent.device import run_device
from babble_jax.errors import BabbleError
from tests.agent.stand_ins import Factory


class PortAudioError(Exception):
    pass


def fake_device(rates=(16_000,), inputs=1):
    """A module like sounddevice whose device plays a counter into the microphone, twice as fast as time."""
    module: Any = types.ModuleType("sounddevice")
    played = []

    class Stream:
        latency, device = (0.01, 0.02), (0, 1)

        def __init__(self, samplerate, blocksize, callback, **options):
            if samplerate not in rates:
                raise PortAudioError("Invalid sample rate")
            self.block, self.callback, self.stop = blocksize, callback, threading.Event()
            self.thread = threading.Thread(target=self.play)

        def play(self):
            number = 0
            while not self.stop.wait(0.01):
                user = np.full((self.block, 1), 0.001 * (number % 500), np.float32)
                out = np.full((self.block, 1), np.nan, np.float32)
                self.callback(user, out, self.block, None, None)
                played.append((user[:, 0], out[:, 0]))
                number += 1

        def __enter__(self):
            self.thread.start()
            return self

        def __exit__(self, *error):
            self.stop.set()
            self.thread.join()

    def query_devices(device, kind):
        if not inputs:
            raise PortAudioError("Error querying device -1")
        return {"default_samplerate": float(rates[-1])}

    module.Stream, module.query_devices, module.PortAudioError = Stream, query_devices, PortAudioError
    return module, played


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_the_agent_is_heard_a_hop_late_and_recorded(rate, monkeypatch):
    module, played = fake_device((rate,))
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    factory, lines = Factory(), []
    statistics = run_device(factory, 16_000, max_seconds=1.0, log=lines.append)
    assert statistics["seconds"] >= 1.0
    assert statistics["lost_seconds"] == 0
    assert not any(np.isnan(out).any() for _, out in played)
    recorder = factory.recorders[0]
    assert recorder.closed == 1
    assert len(recorder.user) == 16_000
    resampling = 0.0 if rate == 16_000 else 0.002
    assert factory.hellos[0].output_delay == pytest.approx(0.05 + resampling, abs=0.0005)
    if rate == 16_000 and not statistics["missed_hops"] and not statistics["skipped_seconds"]:
        user = np.concatenate([user for user, _ in played[1:-1]])
        out = np.concatenate([out for _, out in played[1:-1]])
        np.testing.assert_allclose(out[640:8000], user[:7360] / 2, atol=1e-6)


def test_a_slow_agent_leaves_silence(monkeypatch):
    module, _ = fake_device()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    lines = []
    statistics = run_device(Factory(seconds_per_block=0.05), 16_000, max_seconds=0.5, log=lines.append)
    assert statistics["missed_hops"] > 0
    assert "came too late" in lines[-1]


def test_without_a_device_one_sentence_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(BabbleError, match="pip install 'babble_jax"):
        run_device(Factory(), 16_000)
    for module in (fake_device(inputs=0)[0], fake_device(rates=(11_025,))[0]):
        monkeypatch.setitem(sys.modules, "sounddevice", module)
        with pytest.raises(BabbleError, match="use the page"):
            run_device(Factory(), 16_000)


def test_without_portaudio_one_sentence_says_so(monkeypatch):
    class NoLibrary:
        def find_spec(self, name, *rest):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoLibrary(), *sys.meta_path])
    with pytest.raises(BabbleError, match="libportaudio2"):
        run_device(Factory(), 16_000)
