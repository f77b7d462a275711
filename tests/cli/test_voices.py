"""The list of voices, from the command line."""

import shutil

from babble_jax.presets import registry
from tests.command import done, refused, strict


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
