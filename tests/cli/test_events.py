"""The verb `events`: tables, the picture, intervals, recordings of one."""

import json

import pandas
import pytest

from babble_jax.timing.events.columns import TABLES
from tests.command import done, refused, strict
from tests.conversation import annotations


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Four conversations, and a recording of one."""
    folder = tmp_path_factory.mktemp("corpus")
    for c in range(4):
        lines = [
            f"SPEAKER c{c} 1 {1.2 * i + 0.01 * c * i:.2f} 1 <NA> <NA> {'AB'[i % 2]} <NA> <NA>\n"
            for i in range(9)
        ]
        (folder / f"c{c}.rttm").write_text("".join(lines))
    (folder / "alone.rttm").write_text("SPEAKER alone 1 0 100 <NA> <NA> A <NA> <NA>\n")
    return folder


def test_tables_hold_what_is_printed(capsys, corpus, tmp_path):
    line = f"events {corpus} --out {tmp_path / 'out'} --plot {tmp_path / 'ftos.png'} --against switchboard"
    values = strict(done(capsys, f"{line} --json").out)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "README", "manifest.json", *(f"{name}.csv" for name in TABLES)
    }  # fmt: skip
    assert (tmp_path / "ftos.png").read_bytes().startswith(b"\x89PNG")
    ftos = pandas.read_csv(tmp_path / "out" / "ftos.csv")
    assert ftos.query("level == 'ipu'")["fto"].median() == values["fto"]["median"]
    assert len(pandas.read_csv(tmp_path / "out" / "conversations.csv")) == values["conversations"] == 4
    low, high = values["interval"]["fto_median"]
    assert low <= values["fto"]["median"] <= high
    assert values["interval"]["groups"] == 4
    out = done(capsys, f"{line} --overwrite --format-out parquet").out
    assert f"median {1000 * values['fto']['median']:.0f} ms [{1000 * low:.0f}, {1000 * high:.0f}]" in out
    levels = ftos["level"].value_counts()
    counts = (
        f"{levels['ipu']} rows at level ipu, {levels['turn']} at level turn; select one by the column level"
    )
    table = tmp_path / "out" / "ftos.parquet"
    assert out.endswith(f"{tmp_path / 'out'}\n{table}: {counts}\n{tmp_path / 'ftos.png'}\n")
    pandas.testing.assert_frame_equal(pandas.read_parquet(tmp_path / "out" / "ftos.parquet"), ftos)


def test_a_recording_of_one_is_named_and_not_counted(capsys, corpus):
    values = strict(done(capsys, f"events {corpus} --json").out)
    (corpus / "alone.rttm").rename(corpus.parent / "alone.rttm")
    try:
        without = strict(done(capsys, f"events {corpus} --json").out)
    finally:
        (corpus.parent / "alone.rttm").rename(corpus / "alone.rttm")
    assert values["per_minute"] == without["per_minute"]
    assert values["hours"] == without["hours"]
    assert "alone" in json.dumps(values["monologues"])
    outcome = done(capsys, f"events {corpus}")
    assert "4 conversations, " in outcome.out
    assert "alone" in outcome.out + outcome.err


def test_words_are_in_the_tables_only_where_they_are_asked_for(capsys, corpus, tmp_path):
    path = tmp_path / "talk"
    path.write_text(annotations.textgrid())
    done(capsys, f"events {path} --out {tmp_path / 'plain'}")
    assert "text" not in pandas.read_csv(tmp_path / "plain" / "ftos.csv")
    assert "`text`" not in (tmp_path / "plain" / "README").read_text("utf-8")
    done(capsys, f"events {path} --out {tmp_path / 'words'} --text")
    ftos = pandas.read_csv(tmp_path / "words" / "ftos.csv")
    assert set(ftos["text"]) == {'he said "1 2"\nand went', "<Laughter>"}
    assert "`from_text`" in (tmp_path / "words" / "README").read_text("utf-8")
    message = refused(capsys, f"events {corpus / 'c0.rttm'} --out {tmp_path / 'none'} --text")
    assert message.startswith("The conversations hold no words: their files have none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--text", "--text is of the tables; name a folder for them with --out, too"),
        ("--format-out parquet", "--format-out is of the tables"),
        ("--overwrite", "--overwrite is of the tables"),
        ("--against switchboard", "--against is of the picture; name a file for it with --plot, too"),
        ("--plot ftos.pdf", "only .png is written here"),
        ("--plot ftos.png --against swichboard", "There is no preset or file 'swichboard'"),
        ("--out {full}", "holds other files than babble_jax event tables; choose"),
    ],
)
def test_it_is_refused_before_anything_is_read(capsys, tmp_path, options, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary").touch()
    assert message in refused(capsys, f"events nowhere {options.format(full=tmp_path / 'full')}")
