"""`babble live`: what is refused before anything is loaded."""

import pytest

from babble_jax.cli import main


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
