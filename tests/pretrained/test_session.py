"""Live sessions of pretrained voices are opened by name."""

import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import save_voice
from babble_jax.pretrained.session import open_session
from babble_jax.voice.conditioning.prosody import Prosody
from tests.voice.unit_voice import build_unit_voice


def test_a_session_depends_on_voice_speaker_and_seed(tmp_path):
    voice = build_unit_voice()
    save_voice(voice, tmp_path / "voice")

    def speak(*arguments, **options):
        return open_session(*arguments, **options).step({"active": 1}, 400)

    audio = speak(voice)
    assert audio.shape == (1, 400)
    np.testing.assert_array_equal(audio, speak(tmp_path / "voice", speaker="ann", seed=0))
    for other in ({"seed": 1}, {"speaker": "ben"}, {"temperature": 0.5}, {"prosody": Prosody(level=-6)}):
        assert not np.array_equal(audio, speak(voice, **other))


def test_wrong_arguments_are_refused():
    voice = build_unit_voice()
    with pytest.raises(BabbleError, match="not carl"):
        open_session(voice, speaker="carl")
    with pytest.raises(BabbleError, match="has no final"):
        open_session(voice, prosody=Prosody(final="rise"))
    with pytest.raises(BabbleError, match="seed"):
        open_session(voice, seed=-1)
    with pytest.raises(BabbleError, match="temperature"):
        open_session(voice, temperature=-1.0)
