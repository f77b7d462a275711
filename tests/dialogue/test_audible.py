"""Whether a detector of speech finds the utterances of a dialogue."""

import dataclasses

import numpy as np
import soundfile

from babble_jax.dialogue.audible import AudibleShare, try_utterances
from babble_jax.pretrained.babbler import VoiceBabbler
from babble_jax.voice.babbler import PitchShiftedBabbler
from babble_jax.voice.resampled_babbler import ResampledBabbler
from tests.conversation.test_channels import STARTS
from tests.dialogue.fake_babbler import FakeBabbler, conversation
from tests.real_speech import RATE, mix_channel
from tests.voice.unit_voice import build_unit_voice


def write_tone_beside_speech(folder):
    """Writes a dialogue in which A speaks and B is a tone; returns where the utterances are."""
    speech, ((onset, end), *_) = mix_channel(STARTS[0], 27.0)
    speech = speech[: round(8 * RATE)]
    tone = (0.1 * np.sin(2 * np.pi * 440 * np.arange(len(speech)) / RATE)).astype(np.float32)
    soundfile.write(folder / "dialogue.wav", np.stack([speech, tone], axis=1), RATE)
    return conversation([(0, onset, min(end, 8.0)), (1, 2.0, 3.0), (1, 4.0, 5.0), (1, 6.0, 6.2)], 8.0)


def test_speech_is_found_and_a_tone_is_not(tmp_path):
    talk = write_tone_beside_speech(tmp_path)
    first, second = try_utterances(tmp_path / "dialogue.wav", talk, [FakeBabbler(), FakeBabbler()])
    assert (first.speech_count, first.tried, first.is_poor) == (1, 1, False)
    assert (second.speech_count, second.tried, second.is_poor) == (0, 2, True)
    assert "speech in 0 of 2 utterances of B" in str(second)
    assert not AudibleShare("A", 0, 0).is_poor


def test_no_speech_is_sought_in_other_sounds(tmp_path):
    """The chip is shifted and resampled, as a dialogue does it; the card of the pair says what both are."""
    talk = write_tone_beside_speech(tmp_path)
    pair = dataclasses.replace(build_unit_voice(), card={"kind": {"ann": "speech", "ben": "8-bit"}})
    ann, ben = (VoiceBabbler(pair, speaker=name) for name in ("ann", "ben"))
    chip = ResampledBabbler(PitchShiftedBabbler(ben, 1.2), RATE)
    assert [one.speaker for one in try_utterances(tmp_path / "dialogue.wav", talk, [ann, chip])] == ["A"]
    assert [one.speaker for one in try_utterances(tmp_path / "dialogue.wav", talk, [chip, ann])] == ["B"]
    assert try_utterances(tmp_path / "dialogue.wav", talk, [ben, ben]) == []
    sax = VoiceBabbler(dataclasses.replace(pair, card={"kind": "instrument"}))
    silent = VoiceBabbler(dataclasses.replace(pair, card={}))  # whose card says nothing
    assert [one.speaker for one in try_utterances(tmp_path / "dialogue.wav", talk, [sax, silent])] == ["B"]
