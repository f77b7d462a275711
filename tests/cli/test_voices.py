"""The list of voices, from the command line."""

import dataclasses
import shutil

import pytest

from babble_jax.presets import registry
from babble_jax.pretrained.pretrained import save_voice
from tests.command import done, refused, strict
from tests.voice.unit_voice import build_unit_voice


def test_the_voices_that_ship_are_listed_and_those_in_folders_after_them(capsys, tmp_path):
    shutil.copytree(registry.path("voices", "babblers"), tmp_path / "mine")
    plain = done(capsys, "voices")
    assert plain.out.startswith("babblers: speech, language ru, 16 kHz, ")
    assert "\n    babble speak --voice babblers --speaker woman\n" in plain.out
    both = done(capsys, f"voices {tmp_path / 'mine'}")
    assert f"\n    babble speak --voice {tmp_path / 'mine'} --speaker man\n" in both.out
    assert plain.err == both.err == ""
    rows = strict(done(capsys, f"voices {tmp_path / 'mine'} --json").out)["voices"]
    assert [row["name"] for row in rows] == [*registry.names("voices"), "mine"]
    assert {"name", "kind", "speakers", "language", "licence", "figures"} <= {*rows[-1]}
    assert (rows[-1]["ships"], rows[-1]["figures"]["validation_bits"]) == (False, None)


def test_a_folder_without_a_voice_is_one_sentence_and_a_wrong_name_points_here(capsys, tmp_path):
    remedy = "name a folder that `babble train` or `babble export` wrote."
    assert refused(capsys, f"voices {tmp_path}") == f"{tmp_path}: there is no voice here; {remedy}"
    assert refused(capsys, "voices babbler").startswith(
        "babbler: there is no voice here, perhaps you meant babblers; "
    )
    nowhere = refused(capsys, "voices nosuch")
    ships = ", ".join(registry.names("voices"))
    assert nowhere == f"nosuch: there is no voice here; {remedy[:-1]}, or a voice that ships: {ships}."
    assert "or a voice that ships (`babble voices` lists them)." in refused(capsys, "speak --voice nobody")
    assert (
        "sax: there is no voice here, perhaps you meant the speaker sax of the voice other-sounds; "
        in refused(capsys, "speak --voice sax")
    )


@pytest.mark.parametrize(("speaker", "advised"), [("ann", True), ("ben", False)])
def test_of_other_sounds_nobody_is_advised_to_judge_whether_they_are_like_speech(
    capsys, tmp_path, monkeypatch, speaker, advised
):
    monkeypatch.chdir(tmp_path)
    card = {"kind": {"ann": "speech", "ben": "8-bit"}}
    save_voice(dataclasses.replace(build_unit_voice(), card=card), tmp_path / "pair")
    err = done(capsys, f"speak --voice pair --speaker {speaker} --seconds 0.2 --out one.wav").err
    assert "another babble: --seed 1; another speaker: --speaker " in err
    assert ("; is it like speech: babble judge one.wav" in err) is advised
