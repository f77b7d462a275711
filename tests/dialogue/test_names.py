"""Names of the speakers of a dialogue."""

import dataclasses

from babble_jax.dialogue.names import speaker_names
from babble_jax.presets.registry import DEFAULT_VOICE
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.pretrained.pair import make_babbler_pair
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.voice.babbler import make_speaker_pair
from tests.dialogue.fake_babbler import FakeBabbler


def test_speakers_are_called_by_the_names_of_their_voices():
    voice = load_voice(DEFAULT_VOICE)
    assert speaker_names(make_babbler_pair(voice, ("woman", "man"))) == ("woman", "man")
    assert speaker_names(make_babbler_pair(voice)) == voice.config.speakers[:2]
    assert speaker_names(make_babbler_pair(voice, ("man", "man"))) == ("man-1", "man-2")
    assert speaker_names(make_speaker_pair(VoiceBabbler(voice, speaker="man"))) == ("man-low", "man-high")
    nameless = dataclasses.replace(voice, config=dataclasses.replace(voice.config, speakers=(), bandwidth=()))
    assert speaker_names(make_speaker_pair(VoiceBabbler(nameless))) == ("babblers-low", "babblers-high")


def test_babblers_of_another_kind_are_letters():
    assert speaker_names((FakeBabbler(), FakeBabbler())) == ("A", "B")
    assert speaker_names(make_speaker_pair(FakeBabbler())) == ("A", "B")
