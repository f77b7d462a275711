"""No file, however broken, crashes a reader, hangs it, or gives a conversation that cannot be.

Each property is tried on a few files with the other tests, and on thousands with `-m slow`.
"""

import datetime
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from babble_jax.conversation.reading import FORMATS, read
from tests.conversation.soundness import VALID, check_reading, sound, try_all

SOUNDS = [sound("WAV"), sound("FLAC"), sound("OGG"), sound(channels=1), sound(channels=3)]

NUMBERS = [
    "nan", "-nan", "inf", "-inf", "1e999", "-1", "-0", "1e-320", "0", "1e6", "1000001", "9" * 400, "9" * 5000,
    "1_0", "0x10", "1,5", "٣", "²", "", "1e6000000", "+5", " 5", "5.", ".5", "1e", "--1", "1.2.3", "NaN", "true",
]  # fmt: skip
PIECES = [
    "\x00", "\ufeff", "\ufffd", "\r", "\n", "\r\n", "\n\n", "\x15", "\x15\x15", "\x1a", "\x0b", "\x85", "\u2028", "\t",
    '"', '""', "'", "<", ">", "&", "&#0;", "&#x10FFFF;", "&lol;", "]]>", "<!--", "-->", "<![CDATA[", "<?xml", "<?x?>",
    "]", "[", "%", "*", "@", ":", "_", ";;", ",", "\\", "!", "/", "=", "\U0001f600", "\ud7ff", "é", "\x1b[31m",
    "SPEAKER", "*A:", "@Begin\n", "<TIER>", "</TIER>", '<nite:root id="tu.q1ec2.g">', "<tu>", '"IntervalTier"',
    '<!DOCTYPE x [<!ENTITY a "ha">]>', 'PARENT_REF="words@A"', 'TIER_ID=""', "conversation,speaker,start,end\n",
    "x" * 5000, '"' * 501, "<a>" * 300, "\t" * 2000, "\x15" * 999,
]  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "shift_jis"]


@st.composite
def broken(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid file after a few edits."""
    text = valid.decode("latin-1")
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.sampled_from([0, 1, 3, 20, 100, 10**6])))
        match draw(
            st.sampled_from(["number", "insert", "delete", "repeat", "cut", "lines", "flip", "newline"])
        ):
            case "number":
                numbers = list(re.finditer(r"\d+(?:\.\d+)?", text))
                if numbers:
                    number = draw(st.sampled_from(numbers))
                    text = text[: number.start()] + draw(st.sampled_from(NUMBERS)) + text[number.end() :]
            case "insert":
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[start:]
            case "delete":
                text = text[:start] + text[stop:]
            case "repeat":
                text = text[:stop] + text[start:stop] + text[stop:]
            case "cut":
                text = text[:start]
            case "lines":
                lines = text.split("\n")
                i, j = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
                lines[i], lines[j] = lines[j], lines[i]
                text = "\n".join(lines)
            case "flip":
                if start < len(text):
                    text = text[:start] + chr(draw(st.integers(0, 255))) + text[start + 1 :]
            case "newline":
                text = text.replace("\n", draw(st.sampled_from(["\r\n", "\r", "\n\n", "", " \n"])))
    if valid[:4] in (b"RIFF", b"fLaC", b"OggS"):
        return text.encode("latin-1", errors="replace")
    return text.encode(draw(st.sampled_from(ENCODINGS)), errors="replace")


FIELD = st.one_of(
    st.sampled_from(NUMBERS), st.sampled_from(PIECES), st.text(max_size=5), st.floats().map(str)
)
LINES = [
    "sw2001A-ms98-a-0001 {} {} {}", "sw2001B-ms98-a-{} {} {} well", "SPEAKER {} 1 {} {} <NA> <NA> {} <NA>",
    "SPEAKER talk 1 {} {} <NA> <NA> A <NA>", "talk 1 {} {} speaker NA unknown {}", "conversation,speaker,start,end",
    "talk,{},{},{}", "start,{},speaker,end,conversation", "*{}:\t{} \x15{}_{}\x15", "*A:\twell \x15{}_{}\x15",
    "@{}:\t{}",    "@Begin", "@Languages:\t{}", "%{}:\t{}", '<nite:root id="tu.{}.f">', "<nite:root id='tu.q1ec1.{}'>",
    '<tu start="{}" end="{}"/>', '<noi start="1" end="2" type="{}">', "</{}>", "<ANNOTATION_DOCUMENT {}>",
    '<TIME_SLOT TIME_SLOT_ID="ts{}" TIME_VALUE="{}"/>', '<TIER TIER_ID="{}" PARENT_REF="{}">', "</TIER>",
    '<ALIGNABLE_ANNOTATION TIME_SLOT_REF1="ts{}" TIME_SLOT_REF2="ts{}">', '"ooTextFile"\n"TextGrid"', '"IntervalTier"',
    "talk {} {} {} {} <o,f0> well", "talk A {} {} well 0.9", "talk 1 {} {}", "A-{}-0001 talk {} {}", "{}\t{}\tA: {}",
    "{} {}\tANN:\t{}", "#\n 0.5 121 a; b; c; NN", " {} 121 {}; b; c; NN", "<Trans {}>", '<Sync time="{}"/>',
    '<Who nb="{}"/>', '<Turn speaker="a b" startTime="{}" endTime="{}">', '<Event desc="{}"/>',
    '<Section type="{}" startTime="{}" endTime="9">',
    '<nite:root nite:id="{}.A.words">', '<w starttime="{}" endtime="{}" punc="{}"/>', '<vocalsound type="{}"/>',
    '"{}"', "{}", "{} {} {} {}", "xmin = {}", 'text = "{}"', "{}",
]  # fmt: skip


@st.composite
def alike(draw: st.DrawFn) -> bytes:
    """Lines that look like those of some format."""
    patterns = draw(st.lists(st.sampled_from(LINES), max_size=25))
    lines = [re.sub(re.escape("{}"), lambda _: draw(FIELD), line) for line in patterns]
    return "\n".join(lines).encode(draw(st.sampled_from(ENCODINGS)), errors="replace")


def profile(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=datetime.timedelta(seconds=10),  # a hang; a loaded machine is slow now and then
        suppress_health_check=list(HealthCheck),
    )


FEW, MANY = profile(60), profile(1500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def is_valid(name: str, folder) -> None:
    """What is broken below is read where it is whole."""
    data, beside = VALID[name]
    (folder / "broken").write_bytes(data)
    (folder / "sound").write_bytes(beside)
    if name not in ("channels", "uem", "buckeye"):  # no speech; windows only; one speaker
        check_reading(read(folder, name), str(folder))


@pytest.mark.parametrize("name", FORMATS)
def test_broken_files(name: str, folder):
    is_valid(name, folder)
    FEW(given(broken(VALID[name][0]))(lambda data: try_all(folder, data, VALID[name][1])))()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_many_broken_files(name: str, folder):
    valid, beside = VALID[name]
    MANY(given(broken(valid))(lambda data: try_all(folder, data, beside)))()


@FEW
@given(st.sampled_from(SOUNDS).flatmap(broken))
def test_broken_sounds(folder, data):
    try_all(folder, data, formats=("channels",))


@pytest.mark.slow
@MANY
@given(st.sampled_from(SOUNDS).flatmap(broken))
def test_many_broken_sounds(folder, data):
    try_all(folder, data, formats=("channels",))


ANY = st.one_of(alike(), st.binary(max_size=300), st.text().map(lambda text: text.encode(errors="replace")))


@FEW
@example(
    data="SPEAKER talk 1 nan conversation,speaker,start,end".encode("utf-16-le")
)  # a NUL in every column
@given(data=ANY)
def test_anything_under_any_name(folder, data):
    try_all(folder, data, formats=(None, *FORMATS))


@pytest.mark.slow
@MANY
@given(ANY)
def test_anything_at_length(folder, data):
    try_all(folder, data, formats=(None, *FORMATS))
