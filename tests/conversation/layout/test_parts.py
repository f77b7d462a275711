"""Files of one speaker each are joined by what differs in their names."""

import pytest

from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError

TIMES = {"A": [(0.5, 1.5), (3.0, 4.0)], "B": [(1.75, 2.5), (4.5, 5.0)]}


def write(folder, stem, turns="A", end=6.0):
    times = TIMES[turns]
    intervals = "\n".join(f'{onset}\n{end}\n"yes"' for onset, end in times)
    head = f'"ooTextFile"\n"TextGrid"\n0\n{end}\n<exists>\n1\n"IntervalTier"\n"speech"\n0\n{end}\n'
    text = f"{head}{len(times)}\n{intervals}\n"
    (folder / f"{stem}.TextGrid").write_text(text)


def conversations(reading):
    return {one.id: one.speakers for one in reading.conversations}


@pytest.mark.parametrize(
    ("stems", "expected"),
    [
        (
            ("d1_caller", "d1_nurse", "d2_caller", "d2_nurse"),
            {"d1": ("caller", "nurse"), "d2": ("caller", "nurse")},
        ),
        (("sw01A", "sw01B", "sw02A", "sw02B"), {"sw01": ("A", "B"), "sw02": ("A", "B")}),
        (("left.talk", "right.talk"), {"talk": ("left", "right")}),
        (("1-1", "1-2", "2-1", "2-2"), {"1": ("1", "2"), "2": ("1", "2")}),
    ],
)
def test_names_that_differ_in_one_token(tmp_path, stems, expected):
    for n, stem in enumerate(stems):
        write(tmp_path, stem, "AB"[n % 2], 6.0 + n // 2)
    reading = read(tmp_path)
    assert conversations(reading) == expected
    assert all(one.onset.tolist() == [0.5, 1.75, 3.0, 4.5] for one in reading.conversations)
    assert f"{len(stems)} files of one speaker each" in reading.notes[0]
    assert {tier.speaker for tier in reading.tiers} == {name for names in expected.values() for name in names}


@pytest.mark.parametrize(
    "stems", [("rec_1", "rec_2"), ("ann", "ben"), ("d1_A", "d1_B", "d2_A"), ("a_x", "b_y_z")]
)
def test_names_that_say_too_little_are_not_joined_and_never_pass_without_a_word(tmp_path, stems):
    for n, stem in enumerate(stems):
        write(tmp_path, stem, "AB"[n % 2])
    assert len(inspect(tmp_path).monologues) == len(stems)
    with pytest.raises(BabbleError, match=r"fewer than two speakers.*--conversation"):
        read(tmp_path)


@pytest.mark.parametrize("speaker", ["folder", "file"])
def test_a_folder_for_each_speaker_or_for_each_conversation(tmp_path, speaker):
    """As the Montreal Forced Aligner writes them; the files of one conversation are equally long."""
    for talk in (1, 2):
        for n, name in enumerate(("ann", "ben")):
            folder, stem = (name, f"talk{talk}") if speaker == "folder" else (f"talk{talk}", name)
            (tmp_path / folder).mkdir(exist_ok=True)
            write(tmp_path / folder, stem, "AB"[n], 6.0 + talk)
    reading = read(tmp_path)
    assert conversations(reading) == {"talk1": ("ann", "ben"), "talk2": ("ann", "ben")}
    assert {one.corpus for one in reading.conversations} == (
        {tmp_path.name} if speaker == "folder" else {"talk1", "talk2"}
    )
    pattern = "(?P<speaker>ann|ben)/(?P<conversation>.+)|(?P<conversation2>.+)/x"
    if speaker == "folder":
        assert len(read(tmp_path, layout=Layout(conversation=pattern)).conversations) == 2


def test_folders_whose_files_are_all_equally_long_are_not_joined(tmp_path):
    for folder in "xy":
        (tmp_path / folder).mkdir()
        for n, name in enumerate(("ann", "ben")):
            write(tmp_path / folder, name, "AB"[n])
    assert inspect(tmp_path).conversations == ()


def test_the_user_says_what_names_mean(tmp_path):
    for n, stem in enumerate(("ann", "ben")):
        write(tmp_path, stem, "AB"[n])
    reading = read(tmp_path, layout=Layout(conversation="(?P<conversation>[^/]+)/(?P<speaker>.+)"))
    assert conversations(reading) == {tmp_path.name: ("ann", "ben")}
