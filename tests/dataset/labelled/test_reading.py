"""Folders with labels of every layout are understood, which is said; bad input is one sentence."""

import numpy as np
import pytest

from babble_jax.dataset.labelled.reading import LabelledFolder, read_labelled
from babble_jax.dataset.labelled.reading_text import describe_folder
from babble_jax.dataset.labelled.recording import SILENCE, Labels
from babble_jax.dataset.labelled.splitting import split_recordings
from babble_jax.dataset.labelled.transcripts import spell
from babble_jax.dataset.splits import split_from_name
from babble_jax.errors import BabbleError
from tests.dataset.labelled.folders import PHONES, festival, htk, textgrid, write_tone, xlabel

SYMBOLS = tuple(name for name, _, _ in PHONES)


def labels_of(folder: LabelledFolder, number: int = 0) -> Labels:
    labels = folder.labelled[number].labels
    assert labels is not None
    return labels


def test_a_festival_voice_has_phones_and_graphemes(tmp_path):
    folder = read_labelled(festival(tmp_path / "voice"))
    assert (folder.symbol_kind, folder.symbols, len(folder.recordings)) == ("phones", ("pau", "a", "n"), 3)
    labels = labels_of(folder)
    assert labels.symbols == SYMBOLS
    np.testing.assert_allclose(labels.onset, [onset for _, onset, _ in PHONES])
    np.testing.assert_allclose(labels.end, [end for _, _, end in PHONES])
    assert folder.labelled[0].name == "i_00.wav"
    lines = describe_folder(folder)
    assert lines[0].endswith("3 recordings, 3 with labels in NAME.lab, 0.0 min")
    assert lines[1] == "15 phones with times, 3 different: pau a n"
    assert lines[2] == "guessed: there are transcripts (3), too: --labels says which"
    letters = read_labelled(tmp_path / "voice" / "wav", symbols="graphemes")
    assert labels_of(letters, 1).symbols == tuple("ана волос")
    assert describe_folder(letters)[1] == "24 graphemes, without times, 7 different: ' ' а в л н о с"  # noqa: RUF001


def test_times_of_htk_are_those_of_xlabel_and_gaps_are_silence(tmp_path):
    for name, text in (("x", xlabel()), ("h", htk()), ("g", htk(PHONES[1:4]))):
        write_tone(tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.lab").write_text(text)
    folder = read_labelled(tmp_path)
    gap, ticks, seconds = (labels_of(folder, i) for i in range(3))
    np.testing.assert_allclose(ticks.end, seconds.end)
    assert ticks.symbols == seconds.symbols == SYMBOLS
    assert gap.symbols == SYMBOLS[:4]  # a silence before the first label
    assert seconds.onset is not None
    np.testing.assert_allclose(gap.onset, seconds.onset[:4])


def test_the_tier_of_phones_is_guessed_which_is_said(tmp_path):
    tiers = {
        "words": [("", 0, 0.2), ("ana", 0.2, 0.6)],
        "phones": [("" if n == SILENCE else n, *t) for n, *t in PHONES],
    }
    write_tone(tmp_path / "a.wav")
    write_tone(tmp_path / "b.wav")
    (tmp_path / "a.TextGrid").write_text(textgrid(tiers), "utf-16")
    folder = read_labelled(tmp_path)
    assert labels_of(folder).symbols == SYMBOLS
    lines = describe_folder(folder)
    assert lines[0].endswith("2 recordings, 1 with labels in NAME.TextGrid, 0.0 min")
    assert lines[2] == "1 recording without labels left out: b.wav"
    assert lines[3] == "guessed: the tier of phones is 'phones'; --tier names another"
    assert read_labelled(tmp_path, tier="words").symbols == ("pau", "ana")
    with pytest.raises(
        BabbleError, match=r"a\.TextGrid: has no interval tier 'sounds'; name one .*words, phones"
    ):
        read_labelled(tmp_path, tier="sounds")


@pytest.mark.parametrize("kind", ["txt", "lab", "csv"])
def test_transcripts_become_letters(tmp_path, kind):
    texts = {"a": "Don’t  stop—now!", "b": "It is 5 o'clock"}  # noqa: RUF001
    for name, text in texts.items():
        write_tone(tmp_path / ("wavs" if kind == "csv" else "") / f"{name}.wav")
        if kind != "csv":
            (tmp_path / f"{name}.{kind}").write_text(f"{text}\n", "utf-8")
    if kind == "csv":
        (tmp_path / "metadata.csv").write_text(
            "".join(f"{name}|x|{text}\n" for name, text in texts.items()), "utf-8"
        )
    folder = read_labelled(tmp_path)
    assert folder.symbol_kind == "graphemes"
    assert labels_of(folder).symbols == tuple("don't stop now")
    assert len(folder.labelled) == 1
    assert "1 transcript with digits or without letters left out; spell the numbers out." in describe_folder(
        folder
    )


def test_letters_are_composed_and_a_text_of_none_is_no_label():
    assert spell("E\u0301 «а́»") == ("é", " ", "а", "\u0301")  # noqa: RUF001
    assert spell("…") is None
    assert spell("'quoted' rock'n'roll") == tuple("quoted rock'n'roll")


def test_splits_are_those_of_a_data_set_and_copies_go_together(tmp_path):
    folder = read_labelled(festival(tmp_path / "voice", count=12))
    digests = {one.name: one.name for one in folder.labelled}
    splits, notes = split_recordings(folder.labelled, digests)
    names = [one.name for one in folder.labelled]
    assert notes == ()
    assert {names[i]: split for split, numbers in splits.items() for i in numbers} == {
        name: split_from_name(name) for name in names
    }
    digests[names[5]] = digests[names[2]]
    splits, _ = split_recordings(folder.labelled, digests)
    assert any({2, 5} <= {*numbers} for numbers in splits.values())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "a.lab",
            "#\n0.1 125 a\n0.05 125 b\n",
            r"a\.lab, line 3: is no label \(END COLOUR PHONE, ends that rise\)",
        ),
        ("a.lab", "0 100000 a\n50000 200000 b\n", r"a\.lab, line 2: begins before the label above it ends"),
        ("a.lab", "0 10 a\nx\n", r"a\.lab, line 2: is no label \(START END PHONE\)"),
        (
            "a.lab",
            xlabel((*PHONES, ("a", 0.8, 3.0))),
            r"a\.wav: its labels end at 3\.00 s, after the sound \(0\.80 s\)",
        ),
        (
            "a.TextGrid",
            "nothing",
            r"a\.TextGrid, line 1: is no TextGrid in text form \(the file ends early\)",
        ),
        ("metadata.csv", "a|b\nnothing\n", r"metadata\.csv, line 2: is not NAME\|TEXT"),
        ("etc/txt.done.data", '( a "b" )\n( b c )\n', r'line 2: is not \( NAME "TEXT" \)'),
        ("b.txt", "text", r"none of its recordings has labels; put NAME\.lab"),
        ("a.txt", "1", "none of its 1 recording has usable labels"),
    ],
)
def test_bad_labels_are_one_sentence(tmp_path, name, text, message):
    write_tone(tmp_path / "a.wav")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    with pytest.raises(BabbleError, match=message):
        read_labelled(tmp_path)


def test_a_damaged_table_of_transcripts_does_no_harm_where_there_are_labels(tmp_path):
    write_tone(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_text("name,what\n")
    (tmp_path / "a.lab").write_text(xlabel())
    assert read_labelled(tmp_path).symbol_kind == "phones"
    with pytest.raises(BabbleError, match=r"metadata\.csv, line 1: is not NAME\|TEXT"):
        read_labelled(tmp_path, symbols="graphemes")


def test_what_is_not_there_is_said_with_the_option(tmp_path):
    with pytest.raises(BabbleError, match="there is no such folder"):
        read_labelled(tmp_path / "nowhere")
    with pytest.raises(BabbleError, match="holds no sound file"):
        read_labelled(tmp_path)
    write_tone(tmp_path / "a.wav")
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(
        BabbleError, match="has no labels for phones, only transcripts of 1 recording; change"
    ):
        read_labelled(tmp_path, symbols="phones")
    words = [(f"w{i}", i / 1000, (i + 1) / 1000) for i in range(400)]
    (tmp_path / "a.lab").write_text(xlabel(words))
    with pytest.raises(BabbleError, match="400 different ones, words rather than phones; name the tier"):
        read_labelled(tmp_path)
