"""Tables of segments: separators, names of columns, units of time, and what is refused."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.conversation.formats import table
from babble_jax.conversation.formats.columns import choose_columns
from babble_jax.conversation.formats.delimited import read_rows
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from babble_jax.conversation.source import Source
from babble_jax.errors import BabbleError
from babble_jax.timing.events import events
from babble_jax.timing.events.table_files import write_tables
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, read_one, segments


def put(folder, text: str, name: str = "talk.csv"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_table(tmp_path, delimiter, newline):
    (tmp_path / "x").write_bytes(annotations.table(delimiter).replace("\n", newline).encode())
    conversation = read_one(tmp_path / "x")
    assert segments(conversation) == annotations.SEGMENTS
    assert marks(conversation) == MARKS
    assert conversation.windows.tolist() == [[0.5, 5.125]]


# Each is the same dialogue: A from 1 to 2.5 s, B from 2.75 to 4 s.
TABLES = {
    "no conversation": "speaker,start,end\nA,1,2.5\nB,2.75,4\n",
    "CANDOR": 'turn_id,speaker,start,stop,utterance\n0,A,1.0,2.5,hi\n1,B,2.75,4.0,"yes, ok"\n',
    "CORAAL": 'Line\tSpkr\tStTime\tContent\tEnTime\n1\tA\t1.0\tHow "you\t2.5\n2\tB\t2.75\tFine "x"\t4\n',
    "quotes of the text": 'speaker\tstart\tend\ttext\nA\t1\t2.5\t"hi," he said\nB\t2.75\t4\t"x" y "z"\n',
    "Rev": "token|speaker|ts|endTs|punctuation|tags\nGood|A|1|2.5||[]\nday|B|2.75|4.0|,|['0']\n",
    "Excel in Europe": 'sep=;\n"Conversation";"Speaker";"Start";"End"\r\nc;A;1,0;2,5\r\nc;B;2,75;4,0\r\n',
    "Praat": "tmin,tier,text,tmax\n1,A,hi,2.5\n2.75,B,yes,4\n",
    "ELAN": "Tier\tParticipant\tBegin Time - hh:mm:ss.ms\tBegin Time - msec\tEnd Time - hh:mm:ss.ms\t"
    "End Time - msec\tv\n"
    "x\tA\t00:00:01.000\t1000\t00:00:02.500\t2500\thi\ny\tB\t00:00:02.750\t2750\t00:00:04.000\t4000\thi\n",
    "milliseconds": "Session ID,who,start_ms,Duration (ms)\n7,A,1000,1500\n7,B,2750,1250\n",
    "clock": "participantName;Begin;Finish time\nA;0:01;0:02.5\nB;00:00:02.750;0:00:04,0\n",
    "label": "start,end,label\n1,2.5,SPEAKER_00\n2.75,4,SPEAKER_01\n",
    "NeMo": "audio_filepath,offset,duration,label,text\n/a/b.wav,1,1.5,A,-\n/a/b.wav,2.75,1.25,B,-\n",
    "line breaks": 'speaker,start,end,text\nA,1,2.5,"a\nb, ""c""\nd"\nB,2.75,4,"x"\n',
    "empty fields at the end": "speaker,start,end,\nA,1,2.5,,,\nB,2.75,4,\n",
    "comments": "# made by hand\n#\n\nspeaker,start,end\nA,1,2.5\n# here\nB,2.75,4\n",
    "pandas": ",Start Time (s),End Time (s),Speaker\n0,1.0,2.5,A\n1,2.75,4.0,B\n",
    "camel case": "speakerId,startTime,endTime\nA,1.0s,2.5s\nB,2.75s,4s\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_that_people_have(tmp_path, name):
    reading = inspect(put(tmp_path, TABLES[name]))
    assert reading.skipped == ()
    (conversation,) = reading.conversations
    assert [row[1:] for row in segments(conversation)] == [(1.0, 2.5), (2.75, 4.0)]
    assert [row[0] for row in segments(conversation)] in (["A", "B"], ["SPEAKER_00", "SPEAKER_01"])
    assert len(reading.notes) == 1
    assert "--columns and --time-unit" in reading.notes[0]


def test_the_note_says_how_the_header_was_understood(tmp_path):
    path = put(tmp_path, TABLES["Excel in Europe"].replace("Start", "Onset"))
    assert inspect(path).notes == (
        f"{path}: read as a table with semicolons: start from the column Onset, times in s with decimal commas, "
        "no column of text, whose labels could say silence; "
        "--columns and --time-unit say otherwise",
    )
    assert inspect(put(tmp_path, annotations.table())).notes == ()


def test_columns_that_are_not_used_are_named(tmp_path):
    (note,) = inspect(put(tmp_path, "session_no,who,from_t,to_t,notes\n1,A,0,1,x\n1,B,1.5,2,y\n")).notes
    assert (
        "conversation from the column session_no, speaker from the column who, start from the column from_t"
        in note
    )
    assert "notes not used, no column of text" in note


def test_a_note_of_many_files_comes_once(tmp_path):
    for name in "abc":
        put(tmp_path, TABLES["no conversation"].replace("2.5", f"2.{ord(name)}"), f"{name}.csv")
    (note,) = inspect(tmp_path, layout=Layout(same_names="roles")).notes
    assert note.startswith(f"{tmp_path}/a.csv and 2 more: read as a table with commas: one conversation")


UNITS = {
    "whole milliseconds": ("speaker,start,end\nA,0,2000\nB,2500,4000\nA,5000,7000\n", "2000 s"),
    "late milliseconds": ("speaker,start,end\nA,2000000,2002000\nB,2002500,2004000\n", "too late"),
    "whole frames": ("speaker,start,end\nA,0,50\nB,52,80\n", "whole numbers"),
    "minutes of milliseconds": ("speaker,start,end\nA,0.001,0.003\nB,0.004,0.005\n", "0.0015 s"),
    "samples": ("speaker,start_sample,end_sample\nA,0,16000\nB,17000,32000\n", "counts samples"),
    "frames": ("speaker,frame_start,frame_end\nA,0,5\nB,6,9\n", "counts frames"),
    "a header that is wrong": ("speaker,start_ms,end_ms\nA,0.5,1\nB,2,2.5\n", "as milliseconds"),
}


@pytest.mark.parametrize("name", UNITS)
def test_what_would_be_no_speech_as_seconds_is_refused_with_the_question(tmp_path, name):
    text, reason = UNITS[name]
    with pytest.raises(BabbleError, match=reason) as error:
        read(put(tmp_path, text))
    assert "--time-unit" in str(error.value)


@pytest.mark.parametrize(
    ("unit", "end"),
    [("s", 50.0), ("ms", 0.05), ("samples:100", 0.5), ("frames:25", 2.0), ("frames:12.5", 4.0)],
)
def test_the_user_says_the_unit(tmp_path, unit, end):
    reading = read(put(tmp_path, UNITS["whole frames"][0]), layout=Layout(time_unit=unit))
    assert reading.conversations[0].end[0] == end
    assert f"times in {unit}" in reading.notes[0]


@pytest.mark.parametrize("unit", ["min", "frames", "frames:0", "samples:-1", "frames:1e3", ""])
def test_units_that_are_none(unit):
    with pytest.raises(ValueError, match=r"time-unit: .* is no unit; choose s, ms"):
        Layout(time_unit=unit)


def test_the_user_names_the_columns(tmp_path):
    path = put(tmp_path, "name,t1,t2,speaker\nA,1,2.5,x\nB,2.75,4,x\n")
    with pytest.raises(
        BabbleError, match="none is the start or the end; say which column it is by --columns"
    ):
        read(path)
    reading = read(path, layout=Layout(columns=("speaker=Name", "start=t1", "end = t2")))
    assert segments(reading.conversations[0]) == [("A", 1.0, 2.5), ("B", 2.75, 4.0)]
    with pytest.raises(BabbleError, match="none is the start; say"):
        read(path, layout=Layout(columns=("start=t9", "end=t2")))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [(["start"], "'start' does not name"), (["onset=x"], "'onset=x' does not name"), (["end="], "'end=' does not"),
     (["end=a", "end=b"], "end is named twice")],
)  # fmt: skip
def test_columns_that_are_none(columns, reason):
    with pytest.raises(ValueError, match=reason):
        Layout(columns=tuple(columns))


def test_labels_say_what_is_silence_and_laughter(tmp_path):
    rows = ["A,1,2,hi", "A,2,3,<SIL>", "B,3,4,[laughter]", "B,4,5,ok", "B,5,6,{NS}"]
    path = put(tmp_path, "speaker,start,end,text\n" + "\n".join(rows))
    conversation = read_one(path)
    assert marks(conversation) == [0, 1, 0]
    assert conversation.windows.tolist() == [[1.0, 6.0]]
    assert read(path, text=True).conversations[0].labels == ("hi", "[laughter]", "ok")


def test_a_mark_counts_before_the_text(tmp_path):
    text = "speaker,start,end,text,mark\nA,1,2,[laughter],speech\nB,2,3,hi,laughter\nB,3,4,[laughter],\n"
    assert marks(read_one(put(tmp_path, text))) == [0, 1, 1]


def test_tiers_of_a_table_are_chosen_as_those_of_a_textgrid(tmp_path):
    rows = []
    for n, speaker in enumerate("ABAB"):
        rows += [(n, f"{speaker} - words", "hi", n + 0.5), (n, f"{speaker} - phones", "h", n + 0.2)]
        rows += [(n + 0.2, f"{speaker} - phones", "i", n + 0.5), (n, f"{speaker} - gaze", "left", n + 0.4)]
    text = "tmin,tier,text,tmax\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    conversation = read_one(put(tmp_path, text))
    assert segments(conversation) == [("A", 0, 0.5), ("B", 1, 1.5), ("A", 2, 2.5), ("B", 3, 3.5)]


def test_words_are_words(tmp_path):
    text = "speaker,start,end,word\nA,1,1.2,hi\nA,1.3,1.5,there\nB,2,2.5,hi\n"
    assert read_one(put(tmp_path, text)).unit == "word"
    assert read_one(put(tmp_path, text.replace("word", "text"), "other.csv")).unit == "utterance"


def test_recordings_are_named_without_their_folders(tmp_path):
    text = (
        "file,speaker,start,end\n/data/a.wav,A,1,2\n/data/a.wav,B,2,3\n/data/b.wav,A,1,2\n/data/b.wav,B,2,4\n"
    )
    assert [one.id for one in read(put(tmp_path, text)).conversations] == ["a", "b"]
    text = text.replace("/data/b.wav", "/other/a.wav")
    assert [one.id for one in read(put(tmp_path, text)).conversations] == ["/data/a", "/other/a"]


def test_a_quote_that_is_not_closed_costs_its_line_only(tmp_path):
    text = 'speaker,start,end,text\nA,1,2,"hi\nB,2,3,ok\nA,3,4,"a\nb"\nB,4,5,no\n'
    reading = read(put(tmp_path, text))
    assert [skip.line for skip in reading.skipped] == [2]
    assert len(reading.conversations[0].onset) == 3


def test_a_speaker_that_is_missing_as_r_writes_it_is_nobody(tmp_path):
    reading = read(put(tmp_path, "speaker,start,end\nA,1,2\nNA,2,3\nB,3,4\n"))
    assert reading.conversations[0].speakers == ("A", "B")
    assert reading.skipped[0].reason == "the speaker is empty"


def test_a_table_for_each_speaker(tmp_path):
    for name in ("dyad1_ann", "dyad1_bob"):
        put(tmp_path, f"onset,offset\n1,2\n3,{len(name)}\n", f"{name}.csv")
    with pytest.raises(BabbleError, match="the folder holds no annotation"):
        read(tmp_path)
    layout = Layout(conversation="(?P<conversation>.+)_(?P<speaker>.+)")
    put(tmp_path, "onset,offset\n1,2\n3,3.5\n", "dyad1_bob.csv")
    (conversation,) = read(tmp_path, layout=layout).conversations
    assert (conversation.id, conversation.speakers) == ("dyad1", ("ann", "bob"))


FIELDS = st.text(st.sampled_from("ab\",;\t\n' é"), max_size=6)


@settings(max_examples=60)
@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS), max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_rows_are_those_of_the_csv_module(rows, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    expected = [[field.strip() for field in row] for row in rows]
    assert [row for _, row in read_rows(text.getvalue(), delimiter, 3)] == expected


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        ("file onset offset speaker", {"conversation": 0, "start": 1, "end": 2, "speaker": 3}),
        (
            "Begin Time - hh:mm:ss.ms|Begin Time - ss.msec|End Time - hh:mm:ss.ms|End Time - ss.msec",
            {"start": 1, "end": 3},
        ),
        ("Begin Time - hh:mm:ss:ff PAL|Begin Time - msec|End Time - msec", {"start": 1, "end": 2}),
        ("word_start word_end word speaker_id speaker", {"start": 0, "end": 1, "text": 2, "speaker": 4}),
        ("start start end", {"end": 2}),
        ("start end_ms end", {"start": 0, "end": 2}),
        ("start_ms end_ms end", {"start": 0, "end": 1}),
        ("from to min max ms", {}),
    ],
)
def test_columns_by_name(names, roles):
    columns = choose_columns(names.split("|") if "|" in names else names.split())
    assert {role: column.position for role, column in columns.items()} == roles


def test_time_in_proportion_to_the_size():
    rows = "".join(f'A,{n},{n + 1},"{n}\nx\n' for n in range(20_000))
    annotation, skipped = table.parse(Source("x", "speaker,start,end,text\n" + rows))
    assert len(annotation) + len(skipped) > 0


def test_our_own_ipus_are_read_as_ipus(tmp_path):
    """The table holds the same IPUs, whatever their text; those of results have no segments."""
    talk = read(put(tmp_path, TABLES["no conversation"])).conversations
    write_tables(events(talk, tables="numpy"), tmp_path / "out")
    head, *rows = (tmp_path / "out" / "ipus.csv").read_text().splitlines()
    path = put(tmp_path, "\n".join([f"{head},text", *(f"{row},(1.0)" for row in rows)]), "ipus.csv")
    (again,) = read(path).conversations
    assert again.unit == "ipu"
    assert segments(again) == segments(talk[0])
    for path in (tmp_path / "out", tmp_path / "out" / "ftos.csv", tmp_path / "out" / "speakers.csv"):
        with pytest.raises(BabbleError, match=r"results of `babble events --out`.*or the table ipus"):
            read(path)


@pytest.mark.parametrize(
    "text",
    [
        "speaker start end text\nA 0.0  1.5 hello there\nB\t1.7 2.5 yes\n",
        '"speaker" "start" "end" "text"\n"1" "A" 0 1.5 "hello there"\n"2" "B" 1.7 2.5 "yes"\n',
    ],
    ids=["blanks and tabs", "R's write.table"],
)
def test_blanks_between_the_columns(tmp_path, text):
    reading = read(put(tmp_path, text), text=True)
    (talk,) = reading.conversations
    assert segments(talk) == [("A", 0, 1.5), ("B", 1.7, 2.5)]
    assert talk.labels == ("hello there", "yes")
    assert "read as a table with blanks" in reading.notes[0]


def test_columns_in_german(tmp_path):
    text = "DialogNr;Sprecher;Anfang_ms;Ende_ms;Äußerung\nD1;VP1;0;1500;ja\nD1;VP2;1700;2500;(lacht)\n"
    (talk,) = read(put(tmp_path, text), text=True).conversations
    assert (talk.id, segments(talk)) == ("D1", [("VP1", 0, 1.5), ("VP2", 1.7, 2.5)])
    assert talk.labels == ("ja", "(lacht)")
