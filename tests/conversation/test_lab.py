"""Label files of HTK and others: units of time, who speaks, and what is no label file."""

import pytest

from babble_jax.conversation.formats import lab
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.reading import inspect, read
from babble_jax.errors import BabbleError
from tests.conversation import annotations
from tests.conversation.annotations import MARKS, marks, segments


def test_units_of_100_ns(tmp_path):
    (tmp_path / "talk.lab").write_text(annotations.lab())
    reading = inspect(tmp_path)
    (talk,) = reading.conversations
    assert segments(talk) == annotations.SEGMENTS
    assert marks(talk) == MARKS
    assert "units of 100 ns; --time-unit says otherwise" in reading.notes[1]


def test_a_file_for_each_speaker_with_scores(tmp_path):
    """The label is the first field; silences make no segment."""
    rows = [
        (0, 4_000_000, "sil -512.5 sil"),
        (4_000_000, 9_000_000, "well -2101.25"),
        (9_500_000, 12_000_000, "sp"),
    ]
    for n, name in enumerate(("ann", "ben")):
        text = "".join(f"{a + 10_000_000 * n}  {b + 10_000_000 * n}\t{label}\n" for a, b, label in rows)
        (tmp_path / f"tea_{name}.lab").write_text(text)
    (tea,) = read(tmp_path, text=True).conversations
    assert segments(tea) == [("ann", 0.4, 0.9), ("ben", 1.4, 1.9)]
    assert tea.labels == ("well", "well")


def test_seconds_and_names_of_speakers(tmp_path):
    (tmp_path / "talk.lab").write_text("".join(f"{n} {n}.90 {'AB'[n % 2]}\n" for n in range(10)))
    (talk,) = read(tmp_path).conversations
    assert talk.speakers == ("A", "B")
    assert segments(talk)[1] == ("B", 1.0, 1.9)


def test_samples_are_asked_for(tmp_path):
    """As TIMIT has them."""
    path = tmp_path / "talk.wrd"
    path.write_text("0 3050 h#\n3050 5723 she\n5723 9050 had\n9050 12001 your\n")
    with pytest.raises(BabbleError, match="say the unit by --time-unit"):
        inspect(path)
    (talk,) = inspect(path, layout=Layout(time_unit="samples:16000")).monologues
    assert segments(talk)[0] == ("1", 3050 / 16000, 5723 / 16000)


@pytest.mark.parametrize(
    "text",
    [
        "talk 1 0.0 0.5 well\n",  # CTM
        "1 1 0.0 0.5 well\n",
        "1 1 A 0.0 0.5 well\n",  # STM
        "0.0\t0.5\twell\n",  # Audacity
        "0.0 0.5 A: well\n",  # Santa Barbara
        "5.0 0.5 well\n",
        "0.0 0.5\n",
        "well 0.0 0.5\n",
        "",
    ],
)
def test_what_is_no_label_file(text):
    assert not lab.sniff(text)
