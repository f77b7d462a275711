import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

from babble_jax.dialogue.manifest import describe_dialogue, measure_deviation
from babble_jax.dialogue.render import Rendering, render
from babble_jax.dialogue.utterance import LeveledVoice
from babble_jax.files import sha256
from babble_jax.voice.babbler import stream_keys
from tests.dialogue.fake_babbler import RATE, FakeBabbler, conversation

ONE_SIDED = conversation([(0, 2.5, 3.0), (0, 1.0, 2.0)], 4.0)


@pytest.fixture(scope="module")
def rendering() -> Rendering:
    return render(
        ONE_SIDED, [LeveledVoice(FakeBabbler(), 1.0), LeveledVoice(FakeBabbler(), 0.5)], seed=2, item=9
    )


def test_hashes_are_of_the_bytes(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()


def test_a_silent_channel_has_no_level(rendering: Rendering, tmp_path: Path):
    (tmp_path / "x").touch()
    values = describe_dialogue(rendering, 2, 9, {"preset": "p"}, tmp_path)
    speaking, silent = values["channels"]
    assert silent["active_level_dbfs"] is None
    assert silent["gain_db"] == pytest.approx(-6.021)
    assert speaking["peak_dbfs"] < -1
    assert list(values["sha256"]) == ["x"]
    assert [row["requested"]["onset"] for row in values["ipus"]] == [1.0, 2.5]
    assert [row["key"] for row in values["ipus"]] == stream_keys(2, 9, 0, count=2).tolist()


def test_the_sound_must_hold_what_the_annotation_says(rendering: Rendering):
    assert measure_deviation(rendering) <= 0.01
    late = rendering.audio.copy()
    late[0, RATE : round(1.02 * RATE)] = 0
    with pytest.raises(RuntimeError, match=r"differ by 2\d\.\d ms"):
        measure_deviation(dataclasses.replace(rendering, audio=late))
    with pytest.raises(RuntimeError, match="speaker A: 2 IPUs annotated, 0 in the sound"):
        measure_deviation(dataclasses.replace(rendering, audio=np.zeros_like(late)))
