"""`babble speak --copy` says a recording again."""

import numpy as np

from babble_jax.audio import wave
from babble_jax.cli.speak import Speak
from babble_jax.pretrained.pretrained import save_voice
from tests.voice.vocoder import RATE, build_vocoder


def test_a_vocoder_says_a_recording_again(tmp_path, capsys):
    save_voice(build_vocoder(), tmp_path / "vocoder")
    wave.write(tmp_path / "recording.wav", 0.1 * np.sin(np.arange(RATE, dtype=np.float32)), 2 * RATE)
    out = tmp_path / "copy.wav"
    Speak(voice=str(tmp_path / "vocoder"), copy=tmp_path / "recording.wav", out=out).run()
    audio, rate = wave.read(out)
    assert (len(audio), rate) == (RATE // 2, RATE)
    assert f"{out}: 0.50 s of babble" in capsys.readouterr().out
