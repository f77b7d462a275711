"""What was read is shown: as text, as values, as a picture, and by the verbs."""

import json

import pytest
from PIL import Image

from babble_jax.cli import main
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.reading_text import format_reading, reading_values
from tests.conversation.layout.test_tiers import ANN, BEN, divide


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
