from pathlib import Path

import pytest

from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec_reading import read_spec
from tests.small_inputs import example_spec

GOOD = """\
voices = ["ann"]
seconds = 4
items = 6

[factors.gap]
short = { shift_gaps = -0.1 }
natural = {}
long.shift_gaps = 0.3

[factors.overlap]
with = {}
without = { remove_overlaps = true }

[catch]
trials = 1
shift_gaps = 3
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "spec.toml"
    path.write_text(text)
    return path


def test_conditions_are_all_combinations(tmp_path):
    spec = read_spec(write(tmp_path, GOOD))
    assert [condition.name for condition in spec.conditions] == [
        "short-with", "short-without", "natural-with", "natural-without", "long-with", "long-without",
    ]  # fmt: skip
    last = spec.conditions[-1]
    assert last.levels == {"gap": "long", "overlap": "without"}
    assert last.treatment.to_json() == {"remove_overlaps": True, "shift_gaps": 0.3}
    assert (spec.catch.trials, spec.catch.shift_gaps) == (1, 3.0)
    assert spec.voices == (str(tmp_path / "ann"),)
    assert (spec.timing, spec.replay, spec.seed) == ("switchboard", (), 0)
    assert spec.balanced == ("start", "channel", "voice")


def test_levels_say_how_turns_are_spoken(tmp_path):
    levels = 'natural = { prosody = "sad" }'
    text = GOOD.replace("natural = {}", levels).replace(
        "long.shift_gaps = 0.3", "long.prosody = { pitch = 3 }"
    )
    low, high = (read_spec(write(tmp_path, text)).conditions[i].treatment for i in (2, 4))
    assert low.to_json() == {"prosody": {"affect": "sad"}}
    assert str(low.delivery).startswith("pitch -2 semitones, pitch range x 0.6, rate x 0.8, effort")
    assert str(high.delivery) == "pitch +3 semitones"


def test_the_example_of_the_documentation_is_one(tmp_path):
    spec = read_spec(write(tmp_path, example_spec()))
    assert (len(spec.conditions), spec.items, spec.catch.trials) == (6, 12, 2)


def test_files_are_looked_for_beside_the_spec(tmp_path):
    (tmp_path / "mine.json").touch()
    text = GOOD.replace("natural = {}", 'natural = { swap_offsets = "mine.json" }')
    spec = read_spec(write(tmp_path, 'timing = "mine.json"\n' + text))
    assert spec.timing == str(tmp_path / "mine.json")
    assert spec.conditions[2].treatment.manipulations.swap_offsets == str(tmp_path / "mine.json")
    assert read_spec(write(tmp_path, 'replay = ["talk.rttm"]\n' + GOOD)).replay == (tmp_path / "talk.rttm",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("items = 6", "items = 7", r"line 3: items must .* 6 conditions.*; take 6"),
        ("natural = {}", "natural.prosody = 3", "line 7: factors.gap.natural.prosody must be a table"),
        ("natural = {}", "natural.prosody.rate = 3", "line 7: factors.gap.natural.prosody.rate"),
        ("natural = {}", 'natural.prosody = "bored"', "line 7: factors.gap.natural.prosody"),
        ("natural = {}", "natural.prosody.level = 3", "level is no key"),
        ("items = 6", "items = 6.0", "line 3: items must be a whole number"),
        ("items = 6", "items = true", "line 3: items must be a whole number"),
        ("items = 6", "item = 6", "line 3: item is no key .*voices,"),
        ("items = 6\n", "", ": items is missing"),
        ("items = 6", "items = ", "line 3: no valid TOML"),
        ('["ann"]', "[]", "line 1: voices must name one or two voices"),
        ('["ann"]', '"ann"', "line 1: voices must be a list of names"),
        ("seconds = 4", "seconds = -4", "line 2: seconds must be greater than 0"),
        ("seconds = 4", "seconds = nan", "line 2: seconds must be a finite number"),
        ("seconds = 4", "seconds = true", "line 2: seconds must be a number"),
        ('["ann"]', '["ann", 3]', "line 1: voices must be a list of names"),
        ("-0.1", '"0.3"', r"line 6: factors\.gap\.short\.shift_gaps must be a number"),
        ("items = 6", "items = 6\nfile = 1", "line 4: file is no key here"),
        ("-0.1", '"much"', r"line 6: factors\.gap\.short\.shift_gaps must be a number"),
        ("shift_gaps = -0.1", "shift_gap = -0.1", r"line 6: factors\.gap\.short\.shift_gap is no key here"),
        ("shift_gaps = -0.1", "add_overlaps = 2.0", r"line 6: factors\.gap\.short is wrong: add_overlaps is a share"),
        ("short = { shift_gaps = -0.1 }", "short = 3", r"line 6: factors\.gap\.short must be a table of manip"),
        ("short =", '"too short" =', r"line 6: factors\.gap\.too short becomes .* file names"),
        ("natural = {}", 'natural = { timing = "x" }', r"line 7: factors\.gap\.natural sets the timing"),
        ("with = {}", "with = { shift_gaps = 1.0 }", r"line 11: factors\.overlap\.with sets shift_gaps, which an"),
        ("with = {}", "with = { add_overlaps = 0.5 }\nboth = {}", "items must be a multiple of the 9"),
        ("trials = 1", "trials = 6", r"line 15: catch\.trials must be fewer than the 6 items"),
        ("trials = 1", "trials = -1", r"line 15: catch\.trials must be greater than or equal to 0"),
        ("shift_gaps = 3\n", "", "line 14: catch needs a manipulation"),
        ("items = 6", 'items = 6\ncounterbalance = ["ear"]', "line 4: counterbalance must name some of start,"),
        ("items = 6", "items = 6\ntransfers = -1", "line 4: transfers must be greater than or equal to 0"),
        ("items = 6", "items = 6\nseed = -1", "line 4: seed must be greater than or equal to 0"),
        ("items = 6", 'items = 6\ntiming = "a"\nreplay = ["b"]', "line 5: replay and timing"),
    ],
)  # fmt: skip
def test_a_bad_spec_is_told_with_line_key_and_remedy(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(BabbleError, match=rf"spec\.toml.*{message}"):
        read_spec(write(tmp_path, GOOD.replace(old, new, 1)))


def test_a_level_that_contradicts_another_factors_is_told(tmp_path):
    text = GOOD.replace("natural = {}", "natural = { add_overlaps = 0.5 }")
    with pytest.raises(BabbleError, match=r"line 12: factors\.overlap\.without is wrong: .*contradict"):
        read_spec(write(tmp_path, text))


def test_no_file(tmp_path):
    with pytest.raises(BabbleError, match="there is no such file"):
        read_spec(tmp_path / "none.toml")
    (tmp_path / "empty.toml").write_text('voices = ["a"]\nseconds = 1\nitems = 1\n[factors]\n')
    with pytest.raises(BabbleError, match="line 4: factors holds no factor"):
        read_spec(tmp_path / "empty.toml")


def test_all_mistakes_are_in_one_report(tmp_path):
    text = """\
turns = "two"
gap = [0.0, 0.2, "x"]
items = 4
voices = ["a", "b", "c"]
recordings = "nowhere"
degrade = "lowpass"
backchannels = [0.4, "k"]
counterbalance = ["ear"]
sample_rate = 44100

[factors.speech]
low = { degrade = "low-pass", gp = 3 }

[output]
format = "aiff"
level = {}

[question]
text = "Natural?"
keys = { ff = "a" }

[adaptive]
from = 1
to = 0
"""
    with pytest.raises(BabbleError) as error:
        read_spec(write(tmp_path, text))
    first, *lines = str(error.value).splitlines()
    assert first == f"{tmp_path / 'spec.toml'}: has {len(lines)} mistakes."
    numbers = [int(line.split()[1].rstrip(":")) for line in lines]
    assert numbers == sorted(numbers)
    assert numbers == [1, 2, 4, 5, 6, 7, 8, 9, 12, 15, 16, 20, 24]
    assert all(line.endswith(".") for line in lines)
    assert "line 2: gap must be a list of seconds." in str(error.value)
    assert "line 6: degrade.kind must be 'low-pass', 'noise-vocoded'" in str(error.value)
    assert "line 7: backchannels[2].at must be a number." in str(error.value)
    assert "line 9: sample_rate is no key here; it belongs in the table [output]." in str(error.value)
    assert "line 12: factors.speech.low.gp is no key here; perhaps you meant gap;" in str(error.value)


SCRIPT = """\
items = 1
gap = 0.1

[[script]]
speaker = "A"

[[script]]
speaker = "B"
seconds = 1.0

[factors.a]
b = {}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gap = 0.1", "gap = [0.1, 0.10001]", "line 2: gap must be one or more offsets"),
        ("gap = 0.1", "gap = 61", "line 2: gap must be seconds from -60 to 60, not 61; for 61 ms write 0.061"),
        ("gap = 0.1", "gap = 0.1\nseconds = 3", "line 3: seconds has no meaning beside turns or script"),
        ("gap = 0.1", "gap = 0.1\nturns = 2", "line 3: turns and script cannot both be given"),
        ("gap = 0.1", "gap = 0.1\ncritical = 3", "line 3: critical must be the number of a turn"),
        ("gap = 0.1", "[adaptive]\nstep = 0.07", r"line 3: adaptive\.step does not lead .*take to = 0\.97"),
        ('speaker = "A"', 'speaker = "A"\ngap = 0.2', r"line 6: script\[1\]\.gap has no turn before it"),
        ('speaker = "A"', "", r"line 4: script\[1\]\.speaker is missing"),
        ('speaker = "B"', 'speaker = "B"\nrecording = true', r'line 9: script\[2\]\.recording needs recordings = "F'),
        ("seconds = 1.0", "seconds = [2.0, 1.0]", r"line 9: script\[2\]\.seconds must be seconds from 0\.05"),
        ("seconds = 1.0", "secs = 1.0", r"line 9: script\[2\]\.secs is no key here; perhaps you meant seconds"),
        ("b = {}", "b = { degrade = { kind = 'reversed', bands = 3 } }", r"line 12: .*bands belongs to noise-voc"),
        ("[factors.a]", "[factors.item]", r"line 11: factors\.item is the name of another column"),
    ],
)  # fmt: skip
def test_mistakes_of_exact_designs(tmp_path, old, new, message):
    assert old in SCRIPT
    with pytest.raises(BabbleError, match=rf"spec\.toml.*{message}"):
        read_spec(write(tmp_path, SCRIPT.replace(old, new, 1)))


def test_a_prosody_is_of_babble(tmp_path):
    (tmp_path / "rec").mkdir()
    text = SCRIPT.replace("b = {}", 'b = { prosody = "sad" }') + '\n[catch]\ntrials = 1\nprosody = "happy"\n'
    text = 'recordings = "rec"\n' + text.replace("items = 1", "items = 2").replace("seconds = 1.0\n", "")
    with pytest.raises(BabbleError, match=r"factors\.a\.b\.prosody is of babble, .*\n.*catch\.prosody is of"):
        read_spec(write(tmp_path, text))
    (tmp_path / "rec" / "A").mkdir()  # B, who has no folder, babbles
    assert read_spec(write(tmp_path, text)).conditions[0].treatment.prosody is not None


def test_keys_of_exact_designs_need_one(tmp_path):
    with pytest.raises(BabbleError, match=r"line 1: gap needs an exact design; add turns = 2"):
        read_spec(write(tmp_path, "gap = [0.0, 0.1]\nseconds = 3.0\nitems = 2\n"))
    with pytest.raises(BabbleError, match=r"line 6: factors\.gap\.short\.gap needs an exact design"):
        read_spec(write(tmp_path, GOOD.replace("shift_gaps = -0.1", "gap = 0.1")))
