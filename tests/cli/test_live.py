"""`babble live`: what is refused before anything is loaded, and how the voice is to speak."""

import dataclasses

import pytest

from babble_jax.cli import main
from babble_jax.cli.live import Live
from babble_jax.cli.prosody import ProsodyOptions
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.affects import affect
from babble_jax.voice.conditioning.prosody import NEUTRAL


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "99999"], "no port 99999"),
        (["--buffer", "9"], "--buffer is 9"),
        (["--limit", "0"], "--limit is 0"),
        (["--minutes", "nan"], "--minutes is nan"),
        (["--seed", "-1"], "--seed is -1"),
        (["--sessions", "0"], "from 1 to 64"),
        (["--host", "0.0.0.0"], "without TLS"),
        (["--certfile", "a.pem"], "belong together"),
        (["--consent", "absent.txt"], "there is no such file"),
        (["--patience", "0"], "patience"),
        (["--perturb", "1", "0"], "the lower one first"),
        (["--pitch", "99"], "pitch is 99"),
    ],
)
def test_what_is_impossible_is_one_sentence(options, words, capsys):
    with pytest.raises(SystemExit) as end:
        main(["live", *options])
    error = capsys.readouterr().err
    assert end.value.code == 2
    assert words in error
    assert len(error.splitlines()) == 1


def test_an_empty_consent_is_refused(tmp_path, capsys):
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(SystemExit):
        main(["live", "--consent", str(tmp_path / "empty.txt")])
    assert "is empty" in capsys.readouterr().err


def test_an_affect_has_no_final_contour_live(capsys):
    happy = Live(prosody=ProsodyOptions(affect="happy", level=0.0))._agent_config().prosody
    assert happy == dataclasses.replace(affect("happy"), final=None, level=0.0)
    assert "prosody affect happy: pitch +3 semitones" in capsys.readouterr().out
    rise = ProsodyOptions(final="rise")
    assert Live(voice="russian", prosody=rise)._agent_config().prosody.final == "rise"
    with pytest.raises(BabbleError, match=r"has no final; .* such as russian"):
        Live(prosody=rise)._agent_config()
    capsys.readouterr()
    assert Live()._agent_config().prosody == NEUTRAL
    assert not capsys.readouterr().out
