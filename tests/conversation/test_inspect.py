"""What was read is shown: as text, as values, as a picture, and by the verbs."""

import json

import numpy as np
import parselmouth
import pympi.Elan
import pytest
import soundfile
from parselmouth.praat import call
from PIL import Image

from babble_jax.cli import main
from babble_jax.cli.converse import Converse
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.reading_text import format_reading, reading_values
from babble_jax.dialogue.plan import replay_plan
from tests.command import done, refused
from tests.conversation.layout.test_tiers import ANN, BEN, divide
from tests.conversation.test_channels import STARTS
from tests.real_speech import RATE, mix_channel


def write_textgrid(path, tiers, end=10.0):
    lines = ['"ooTextFile"', '"TextGrid"', "0", str(end), "<exists>", str(len(tiers))]
    for name, rows in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', "0", str(end), str(len(rows))]
        for row in rows:
            lines += [str(row[0]), str(row[1]), f'"{row[2]}"']
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def aligned(tmp_path):
    path = tmp_path / "talk.TextGrid"
    tiers = {
        "ann - words": [*divide(ANN, 2), (9.5, 9.7, "<p:>"), (9.7, 9.9, "")],
        "ann - phones": divide(ANN, 6),
        "ben - words": [*divide(BEN, 2), (4.0, 5.0, "[laughs]"), (7.0, 7.5, "{BR}")],
        "ben - phones": divide(BEN, 6),
    }
    write_textgrid(path, tiers)
    return path


def test_a_row_for_each_tier_and_what_was_left_out(aligned):
    assert format_reading(inspect(aligned)).split("\n") == [
        "read: 1 conversation of two or more speakers in 1 file",
        "  files  format    tier         speaker  segments  seconds  silence            laughter      noise",
        '      1  textgrid  ann - words  ann             6      2.1  1 "<p:>", 1 empty',
        '      1  textgrid  ben - words  ben             7      3.5                     1 "[laughs]"  1 "{BR}"',
        "left out: ann - phones, ben - phones: phones of those tiers; --tiers takes what it names",
    ]


def test_many_tiers_share_rows(tmp_path):
    for n in range(40):
        tiers = {f"p{n}": ANN, f"q{n}": BEN, "gaze": [(0.0, 1.0, "x"), (2.0, 3.0, "y")]}
        write_textgrid(tmp_path / f"talk{n}.TextGrid", tiers)
    lines = format_reading(inspect(tmp_path)).split("\n")
    assert lines[2].split() == ["40", "textgrid", "(80", "names)", "(80", "names)", "240", "184.0"]
    assert lines[3:] == ["left out: gaze (40 files): its name says gaze; --tiers takes what it names"]


def test_values_are_json(aligned):
    values = json.loads(json.dumps(reading_values(inspect(aligned))))
    assert [tier["speaker"] for tier in values["tiers"]] == ["ann", None, "ben", None]
    assert values["tiers"][2]["laughter"] == {"[laughs]": 1}


def test_the_verb_shows_and_draws(aligned, tmp_path, capsys):
    main(["inspect", str(aligned), "--plot", str(tmp_path / "x.png")])
    assert "ann - words  ann" in capsys.readouterr().out
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.width > 500


def test_verbs_begin_with_what_was_read(aligned, capsys):
    main(["events", str(aligned), "--not-tiers", "words"])
    shown = capsys.readouterr()
    assert "matches --not-tiers" in shown.err
    assert "per minute" in shown.out
    main(["events", str(aligned), "--quiet"])
    assert capsys.readouterr().err == ""
    main(["events", str(aligned), "--json"])
    assert json.loads(capsys.readouterr().out)["read"]["tiers"][1]["reason"] == "phones of ann - words"


@pytest.fixture(scope="module")
def call_wav(tmp_path_factory):
    """Writes 2.4 s of two speakers, a channel each; B begins while A ends."""
    channels = [mix_channel(starts, 27.0, seed)[0] for seed, starts in enumerate(STARTS)]
    path = tmp_path_factory.mktemp("call") / "call.wav"
    soundfile.write(path, np.stack(channels, axis=1)[round(4.6 * RATE) : 7 * RATE], RATE)
    return path


def test_what_was_detected_in_a_recording_is_corrected_in_praat_and_replayed(call_wav, tmp_path, capsys):
    path = tmp_path / "call.TextGrid"
    out = done(capsys, f"inspect {call_wav} --annotation {path}").out
    assert out.endswith(
        f"guess: {call_wav}: speech was detected, to some hundredths of a second; `babble inspect --annotation` "
        f"writes it for correction\n{path}\n"
    )
    (detected,), (written,) = (inspect(one).conversations for one in (call_wav, path))
    assert written.windows.tolist() == detected.windows.tolist() == [[0, 2.4]]
    assert written.speakers == detected.speakers == ("A", "B")
    for name in ("speaker", "onset", "end"):
        assert getattr(written, name).tolist() == getattr(detected, name).tolist()

    grid = parselmouth.read(str(path))
    assert call(grid, "Get label of interval", 2, 2) == "B1"
    call(grid, "Remove left boundary", 2, 2)
    call(grid, "Insert boundary", 2, 0.5)
    call(grid, "Set interval text", 2, 1, "")
    call(grid, "Set interval text", 2, 2, "mended")
    call(grid, "Save as text file", str(path))
    before, after = (replay_plan(one, None, 2.4).dialogue for one in (detected, *inspect(path).conversations))
    first = np.flatnonzero(before.speaker == 1)[0]
    assert before.onset[first] == pytest.approx(0.75, abs=0.07)
    expected = before.onset.copy()
    expected[first] = 0.5
    assert after.onset.tolist() == expected.tolist()
    assert after.end.tolist() == before.end.tolist()

    # What was corrected is not lost.
    assert "may hold corrections" in refused(capsys, f"inspect {call_wav} --annotation {path}")
    assert "is annotation already" in refused(capsys, f"inspect {path} --annotation {tmp_path / 'b.eaf'}")


def test_corrections_in_elan_or_a_table_of_ipus_keep_the_start_and_all_other_ipus(call_wav, tmp_path, capsys):
    done(capsys, f"inspect {call_wav} --annotation {tmp_path / 'call.eaf'}")
    eaf = pympi.Elan.Eaf(str(tmp_path / "call.eaf"))
    start, end, _ = eaf.get_annotation_data_for_tier("B")[0]
    eaf.remove_annotation("B", start)
    eaf.add_annotation("B", 500, end, "mended")
    eaf.to_file(str(tmp_path / "mended.eaf"))

    done(capsys, f"events {call_wav} --out {tmp_path / 'tables'}")
    head, *rows = (tmp_path / "tables" / "ipus.csv").read_text().splitlines()
    rows = [row.split(",") for row in rows]
    (row,) = [row for row in rows if row[1] == "B"]
    row[2] = "0.5"
    rows.append(["call", "A", "2.2", "2.3", *[""] * (len(row) - 4)])  # by hand
    (tmp_path / "mended.csv").write_text("\n".join([head, *map(",".join, rows)]))

    (detected,) = inspect(call_wav).conversations
    before = replay_plan(detected, None, 2.4).dialogue
    first = np.flatnonzero(before.speaker == 1)[0]
    expected = before.onset.copy()
    expected[first] = 0.5
    for name, tolerance in (("mended.eaf", 0.0005), ("mended.csv", 0)):
        (mended,) = inspect(tmp_path / name).conversations
        assert mended.windows.tolist() == [[0, 2.4]]
        after = replay_plan(mended, None, 2.4).dialogue
        count = len(expected)
        np.testing.assert_allclose(after.onset[:count], expected, rtol=0, atol=tolerance)
        np.testing.assert_allclose(after.end[:count], before.end, rtol=0, atol=tolerance)


def test_a_replay_that_begins_at_the_first_onset_says_so(tmp_path, capsys):
    rttm = tmp_path / "call.rttm"
    rttm.write_text(
        "SPEAKER call 1 0.381 1.0 <NA> <NA> A <NA> <NA>\nSPEAKER call 1 1.5 0.8 <NA> <NA> B <NA> <NA>\n"
    )
    Converse(tmp_path, replay=(rttm,))._plan()
    assert "note: the replay begins at 0.381 s of call, since" in capsys.readouterr().err
    uem = tmp_path / "call.uem"
    uem.write_text("call 1 0 2.4\n")
    plan = Converse(tmp_path, replay=(rttm, uem))._plan()
    assert plan.record["replay"]["start"] == 0
    assert "note: the replay" not in capsys.readouterr().err


def test_annotation_of_a_recording_for_elan_is_linked_to_it(call_wav, tmp_path, capsys):
    done(capsys, f"inspect {call_wav} --annotation {tmp_path / 'call.eaf'}")
    (media,) = pympi.Elan.Eaf(str(tmp_path / "call.eaf")).media_descriptors
    assert (tmp_path / media["MEDIA_URL"]).resolve() == call_wav.resolve()
    message = refused(capsys, f"inspect {call_wav} --annotation {tmp_path / 'call.txt'}")
    assert message.endswith("by the ending of the name; call the file call.TextGrid, say.")
    assert "is no name of a file" in refused(capsys, f"inspect {call_wav} --annotation .")
    assert "with --annotation, too" in refused(capsys, f"inspect {call_wav} --overwrite")
