"""What the command line says of a prosody: affects in any case, and what was read of a contour."""

import pytest

from babble_jax.cli.prosody import ProsodyOptions, describe_contour
from babble_jax.cli.usage import parse
from babble_jax.errors import BabbleError
from babble_jax.voice.conditioning.affects import affect


@pytest.mark.parametrize("words", [["--affect", "Happy"], ["--affect=HAPPY", "--final", "rise"]])
def test_an_affect_may_be_written_in_any_case(words):
    assert (
        parse(["speak", "--out", "Asking.wav", *words]).prosody.read() == affect("happy") == affect("Happy")
    )
    with pytest.raises(BabbleError, match="There is no affect 'merry'; give one of calm, happy, sad"):
        affect("merry")


def test_what_was_read_of_a_contour_is_said_and_what_a_voice_cannot_follow(tmp_path):
    (tmp_path / "melody.csv").write_text("time,f0\n0,50\n1,100\n1.5,1600\n", "utf-8")
    prosody = ProsodyOptions().read(tmp_path / "melody.csv")
    read, limited = describe_contour(prosody)
    assert read.startswith("contour of melody.csv: 3 rows, 0 pauses, 0 to 1.5 s, 50 to 1")
    assert limited.startswith("warning: melody.csv: 0.2")  # of the last 0.5 s, of 4 octaves
    assert "more than 2 octaves from its median" in limited
    assert len(describe_contour(ProsodyOptions(pitch_range=0.4).read(tmp_path / "melody.csv"))) == 1
    assert describe_contour(ProsodyOptions().read()) == []
