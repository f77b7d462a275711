"""Levels of voices on their cards."""

import dataclasses
from pathlib import Path

import jax
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.dialogue import card_levels, utterance
from babble_jax.dialogue.card_levels import level_voice, measure_levels, store_levels, stored_level
from babble_jax.dialogue.loudness import ACTIVE_LEVEL_DB
from babble_jax.presets import registry
from babble_jax.pretrained.pair import make_babbler_pair
from babble_jax.pretrained.pretrained import PretrainedVoice, load_voice, save_voice
from babble_jax.pretrained.voices import load_any_voice, make_babbler
from babble_jax.voice.conditioning.prosody import Prosody
from babble_jax.voice.config import VoiceConfig
from babble_jax.voice.models.samplernn import SampleRNNConfig
from tests.dialogue.fake_babbler import FakeBabbler


def tiny_voice(speakers: tuple[str, ...] = ()) -> PretrainedVoice:
    model = SampleRNNConfig(frame_sizes=(8,), dim=8, embedding=4, hidden=1, expand_top=True)
    config = VoiceConfig(model, Quantizer("mu_law", 16), 4000, 2.0, speakers)
    return PretrainedVoice(config, config.sample_model.init(jax.random.key(0)), card={"steps": 0})


@pytest.fixture
def unmeasured(monkeypatch):
    """Gives every voice the level -30 dBFS; lists the voices that are measured."""
    names = []

    def level(babbler, advance):
        names.append(babbler.name)
        return -30.0

    monkeypatch.setattr(card_levels, "measure_level", level)
    monkeypatch.setattr(utterance, "measure_gain", lambda babbler, advance: level(babbler, advance) and 1.0)
    return names


@pytest.mark.parametrize("speakers", [(), ("one",), ("one", "other", "third")])
def test_the_card_knows_every_speaker_and_the_two_babblers_of_a_dialogue(
    tmp_path: Path, unmeasured, speakers
):
    save_voice(tiny_voice(speakers), tmp_path / "voice")
    store_levels(tmp_path / "voice")
    voice = load_voice(tmp_path / "voice")
    assert len(voice.card[card_levels.KEY]) == len(unmeasured) == 3
    for speaker in speakers or (None,):
        assert stored_level(make_babbler(voice, speaker)) == -30.0
    assert voice.card["steps"] == 0
    for babbler in make_babbler_pair(voice):
        assert stored_level(babbler) == -30.0
        assert level_voice(babbler).gain == 10 ** ((ACTIVE_LEVEL_DB + 30.0) / 20)
    assert len(unmeasured) == 3
    for pair in (make_babbler_pair(voice, temperature=0.9), make_babbler_pair(voice, top_k=3)):
        assert [stored_level(babbler) for babbler in pair] == [None, None]
    softer = make_babbler_pair(voice, prosody=Prosody(level=-6, effort=-3))
    assert [stored_level(babbler) for babbler in softer] == [None, None]
    assert all(
        "-6 dB" not in str(babbler.settings) and "effort -3" in str(babbler.settings) for babbler in softer
    )
    if len(speakers) == 3:
        low, high = make_babbler_pair(voice, ["one"])  # one speaker at two pitches
        assert (
            stored_level(low)
            is stored_level(high)
            is stored_level(make_babbler_pair(voice, ["third"])[0])
            is None
        )
        assert stored_level(make_babbler_pair(voice, ["other", "third"])[0]) == -30.0


def test_without_a_level_on_the_card_the_voice_is_measured(unmeasured):
    for babbler in (*make_babbler_pair(tiny_voice()), FakeBabbler()):
        assert stored_level(babbler) is None
        assert level_voice(babbler).gain == 1.0
    assert len(unmeasured) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names("voices"))
def test_a_shipped_voice_has_the_level_on_its_card(name):
    voice = load_any_voice(name)
    stored = voice.card[card_levels.KEY]
    measured = measure_levels(dataclasses.replace(voice, card={"temperature": voice.temperature}))
    for row, own in zip(measured, stored, strict=True):
        assert row == own | {"dbfs": pytest.approx(own["dbfs"], abs=1e-9)}
