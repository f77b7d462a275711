"""Whether a detector of speech finds the utterances of a dialogue."""

import numpy as np
import soundfile

from babble_jax.dialogue.audible import AudibleShare, try_utterances
from tests.conversation.test_channels import STARTS
from tests.dialogue.fake_babbler import conversation
from tests.real_speech import RATE, mix_channel


def test_speech_is_found_and_a_tone_is_not(tmp_path):
    speech, ((onset, end), *_) = mix_channel(STARTS[0], 27.0)
    speech = speech[: round(8 * RATE)]
    tone = (0.1 * np.sin(2 * np.pi * 440 * np.arange(len(speech)) / RATE)).astype(np.float32)
    soundfile.write(tmp_path / "dialogue.wav", np.stack([speech, tone], axis=1), RATE)
    talk = conversation([(0, onset, min(end, 8.0)), (1, 2.0, 3.0), (1, 4.0, 5.0), (1, 6.0, 6.2)], 8.0)
    first, second = try_utterances(tmp_path / "dialogue.wav", talk)
    assert (first.speech_count, first.tried, first.is_poor) == (1, 1, False)
    assert (second.speech_count, second.tried, second.is_poor) == (0, 2, True)
    assert "speech in 0 of 2 utterances of B" in str(second)
    assert not AudibleShare("A", 0, 0).is_poor
