"""Files made to hang a reader or to fill the memory, and words that must not leave theirs."""

import time

import pytest

from babble_jax.conversation.reading import read
from babble_jax.errors import BabbleError
from tests.conversation.soundness import VALID, sound, try_all


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


N = 200_000
_LAUGHS = "".join('<!ENTITY a{} "{}">'.format(i + 1, f"&a{i};" * 10) for i in range(12))
_LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "ha">{_LAUGHS}]>'
_TIER = (
    '<TIER TIER_ID="t{}" PARENT_REF="t{}"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="b"/>'
    "</ANNOTATION></TIER>"
)
_GRID = '"ooTextFile"\n"TextGrid"\n0 1 <exists> 1 "IntervalTier" '
_SLOTS = '<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="2"/>'
HOSTILE = {
    "a billion laughs in text": f"{_LAUGHS}<ANNOTATION_DOCUMENT>&a12;</ANNOTATION_DOCUMENT>",
    "a billion laughs in an attribute": f'{_LAUGHS}<nite:root id="&a12;"><tu /></nite:root>',
    "parameter entities": '<!DOCTYPE x [<!ENTITY % a "x"> %a;]><ANNOTATION_DOCUMENT/>',
    "attributes by default": '<!DOCTYPE x [<!ATTLIST TIER b CDATA "z">]><ANNOTATION_DOCUMENT/>',
    "another file": '<!DOCTYPE x SYSTEM "file:///dev/random"><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>',
    "depth": "<ANNOTATION_DOCUMENT>" + "<TIER>" * N,
    "many attributes": "<ANNOTATION_DOCUMENT " + " ".join(f"a{i}='1'" for i in range(N)) + "/>",
    "a tower of tiers": "<ANNOTATION_DOCUMENT>"
    + _SLOTS
    + "".join(_TIER.format(i, i + 1) for i in range(20_000))
    + "</ANNOTATION_DOCUMENT>",
    "open brackets": "@Begin\n*A:\t" + "[" * N + "(1" * N + "+ " * N + " \x151_2\x15\n",
    "bullets": "@Begin\n*A:\t" + "\x15" * N + "\n",
    "a bullet of quotes": '@Begin\n*A:\t\x15%x:"' + '"' * N + "_1_2\x15\n",
    "quotes": _GRID + '"' * N,
    "a quote that does not end": _GRID + '"' + "a" * N,
    "a billion intervals": _GRID + '"A" 0 1 999999999 0 1 "x"',
    "more intervals than digits": _GRID + '"A" 0 1 ' + "9" * N,
    "a time of many digits": "SPEAKER a 1 1 1 <NA> <NA> A <NA>\nSPEAKER a 1 "
    + "1" * N
    + " 1 <NA> <NA> A <NA>\n",
    "many fields": "SPEAKER " + "x " * N,
    "a quoted field without end": "conversation,speaker,start,end\n" + '"' * N + "\n" + '"' * (N + 1),
    "columns": "conversation,speaker,start,end" + "," * N,
    "a first line of quotes": '"' * 3,
    "a quote on each line": "speaker,start,end,text\n" + 'A,1,2,"\n' * N,
    "quotes in one line": "speaker,start,end,text\nA,1,2," + '"' * (2 * N + 1),
    "rows of one character": "speaker;start;end\n" + ";\n" * N,
    "arrows": "1\n00:00:01,000 --> 00:00:02,000\n" + "-->\n" * N,
    "names": "1\n00:00:01,000 --> 00:00:02,000\n" + "A: " * N + "\n" + "[A] (B" * N,
    "voices": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v A" * N + "<v A>" * N + "&" * N,
    "arrows that never end": "WEBVTT\n\n" + "0" * N + " --> " + "-" * N,
    "deep JSON": '{"speaker": "A", "start": 1, "end": ' + "[" * N,
    "wide JSON": '[{"speaker": "A", "start": 1, "end": 2, '
    + ", ".join(f'"a{n}": {n}' for n in range(N))
    + "}]",
    "nested segments": '{"speaker": 1, "start": 1, "end": 2, "a": [' * 28 + "]}" * 28,
    "JSON that is none": '{"speaker": "A", "start": 1, "end": 2}\n' + "{\n" * N,
    "SegLST without end": '[{"session_id": "a", "speaker": "b", "start_time": 1, "end_time": "' + "x" * N,
    "tabs": "A\t" + "1\t" * N,
    "tiers": "Begin Time - ss.msec\tEnd Time - ss.msec\t" + "\t".join(map(str, range(N))) + "\n1\t2\tx",
    "blanks": "\t" * N,
    "one line": "x" * N,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_time_in_proportion(name: str, folder):
    """Each would take hours by an algorithm that is quadratic; the time is the processor's, whatever else runs."""
    start = time.process_time()
    try_all(folder, HOSTILE[name].encode())
    assert time.process_time() - start < 20


def flac(rate: int, frames: int) -> bytes:
    """A file whose head promises a rate and a length."""
    data = bytearray(sound("FLAC"))
    head = int.from_bytes(data[18:26], "big")
    head = head & (((1 << 8) - 1) << 36) | rate << 44 | frames
    return bytes(data[:18] + head.to_bytes(8, "big") + data[26:])


@pytest.mark.parametrize(("rate", "frames", "reason"), [
    (16_000, 2**36 - 1, "memory|truncated"), (1, 480, "1 samples a second"), (655_350, 480, "ms of sound"),
])  # fmt: skip
def test_hostile_sounds(folder, rate: int, frames: int, reason: str):
    (folder / "broken").write_bytes(flac(rate, frames))
    with pytest.raises(BabbleError, match=reason):
        read(folder / "broken")


SECRET = "thewordsthatsomebodysaidonthetelephoneandnobodyelseshouldread"


@pytest.mark.parametrize("name", ["ms98", "nxt", "textgrid", "elan", "chat", "table"])
def test_no_word_of_a_file_is_shown(name: str, folder):
    """Neither from whole files nor from broken ones, of which each line in turn is cut somewhere."""
    words = {
        "ms98": "well",
        "nxt": "well",
        "textgrid": "he said",
        "elan": "he said",
        "chat": "well",
        "table": '"a,b"',
    }
    text = VALID[name][0].decode().replace(words[name], SECRET)
    assert SECRET in text
    (folder / "sound").write_bytes(VALID[name][1])
    for cut in [0, *range(1, len(text), 7)]:
        (folder / "broken").write_text(text[:cut] + text[cut + 3 :] if cut else text)
        try:
            shown = repr(read(folder))
        except BabbleError as error:
            shown = str(error)
        assert SECRET[:41] not in shown
