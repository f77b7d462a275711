"""Files without end, or that say so, are refused or read within bounds."""

import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from babble_jax.audio import activity, sound_file, wave
from babble_jax.conversation import reading
from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from babble_jax.judge.reference import read_reference
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.stimuli.spec_reading import read_spec
from babble_jax.timing.preset import load_timing
from babble_jax.track.jsonl import read_metrics
from babble_jax.voice.conditioning.unit_models import load_unit_models
from tests.conversation import annotations

READERS: dict[str, Callable[[Path], object]] = {
    "annotation": read,
    "sound": wave.read,
    "labels": activity.read_phone_labels,
    "reference": read_reference,
    "specification": read_spec,
    "preset": load_timing,
    "metrics": read_metrics,
    "units": lambda path: load_unit_models(path, 4, 1),
}


@pytest.mark.parametrize("name", READERS)
def test_a_device_without_end_is_refused(name):
    if not Path("/dev/zero").exists():
        pytest.skip("there is no such device")
    tracemalloc.start()
    try:
        with pytest.raises(BabbleError, match="/dev/zero: "):
            READERS[name](Path("/dev/zero"))
        assert tracemalloc.get_traced_memory()[1] < 64e6
    finally:
        tracemalloc.stop()


def test_annotation_is_read_up_to_a_size(tmp_path, monkeypatch):
    path = tmp_path / "talk.rttm"
    path.write_text(annotations.rttm())
    monkeypatch.setattr(reading, "MAX_BYTES", path.stat().st_size)
    assert len(read(path).conversations) == 1
    path.write_text(annotations.rttm() + " ")
    with pytest.raises(BabbleError, match=r"is larger than .* GiB; check whether it is the right file"):
        read(path)
    (tmp_path / "talk2.rttm").write_text(annotations.rttm().replace("talk", "two"))
    monkeypatch.setattr(reading, "MAX_BYTES", path.stat().st_size - 1)
    assert [skip.reason for skip in read(tmp_path).skipped] in ([], ["is larger than 0 GiB"])


def test_what_a_header_says_is_not_allocated(tmp_path, monkeypatch):
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(4000), 4000)
    content = bytearray(path.read_bytes())
    assert content[:4] == b"fLaC"
    total = struct.unpack(">Q", content[18:26])[0]  # rate, channels, bits, samples in 36 bits
    content[18:26] = struct.pack(">Q", total | (2**36 - 1))
    path.write_bytes(content)
    with pytest.raises(BabbleError, match=r"long.flac: says that it holds .* h of sound"):
        wave.read(path)
    monkeypatch.setattr(sound_file, "MOST_AMPLITUDES", 3999)
    soundfile.write(tmp_path / "a.wav", np.zeros(4000), 4000)
    with pytest.raises(BabbleError, match="must be cut into parts of"):
        wave.read(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["voice.json", "weights.safetensors"])
def test_pipes_in_a_voice_are_not_waited_for(tmp_path, name):
    (tmp_path / "voice.json").write_text('{"voice": {"model": {"dim": 4}}, "card": {}}')
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(BabbleError, match=name):
        load_voice(tmp_path)
