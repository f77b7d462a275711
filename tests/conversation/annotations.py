"""The same small dialogue of A and B, in every format that is read, and what a reading of it must hold."""

import numpy as np

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.layout.interpret import interpret
from babble_jax.conversation.layout.layout import NO_OPTIONS
from babble_jax.conversation.reading import inspect
from babble_jax.conversation.source import Skip, Source

SEGMENTS = [("A", 0.5, 1.25), ("B", 1.5, 2.0), ("A", 1.75, 4.0), ("B", 4.5, 5.125)]
LAUGH = 1  # the row that is laughter where the format can say so
END = 6.0  # of the recording where the format can say so
MARKS = [Mark.SPEECH, Mark.LAUGHTER, Mark.SPEECH, Mark.SPEECH]


def ms98(speaker: str, call: str = "sw2001") -> str:
    """Rows of one speaker of a call: they tile it."""
    lines, at = [], 0.0
    for i, (name, onset, end) in enumerate(SEGMENTS):
        if name == speaker:
            lines += [(at, onset, "[silence]"), (onset, end, "[laughter]" if i == LAUGH else "well")]
            at = end
    lines.append((at, END, "[noise]"))
    return "".join(
        f"{call}{speaker}-ms98-a-{n // 2:04d} {a:.6f} {b:.6f} {w}\n" for n, (a, b, w) in enumerate(lines)
    )


def rttm(id: str = "talk") -> str:
    return "".join(f"SPEAKER {id} 1 {a} {b - a} <NA> <NA> {s} <NA> <NA>\n" for s, a, b in SEGMENTS)


def mdtm(id: str = "talk") -> str:
    return "".join(f"{id} 1 {a:.3f} {b - a:.5g} speaker NA unknown {s}\n" for s, a, b in SEGMENTS)


def nxt(role: str, id: str = "q1ec1") -> str:
    """Units of one speaker: the follower (f) is A, the giver (g) B."""
    lines, at = [], 0.0
    for i, (speaker, onset, end) in enumerate(SEGMENTS):
        if speaker == {"f": "A", "g": "B"}[role]:
            lines.append(f'<sil id="s{i}" start="{at:.4f}" end="{onset:.4f}"/>')
            times = f'start="{onset:.4f}" end="{end:.4f}"'
            lines.append(
                f'<noi id="n{i}" {times} type="laugh"/>' if i == LAUGH else f'<tu id="t{i}" {times}>well</tu>'
            )
            at = end
    lines.append(f'<noi id="out" start="{at:.4f}" end="{at + 0.25:.4f}" type="outbreath"/>')
    root = f'<nite:root xmlns:nite="http://nite.sourceforge.net/" id="tu.{id}.{role}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', root, *lines, "</nite:root>\n"])


def textgrid() -> str:
    """The long form, with a label of two lines, doubled quotes and a tier of points."""
    text = [
        'File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", f"xmax = {END} ",
        "tiers? <exists> ", "size = 3 ", "item []: ",
    ]  # fmt: skip
    for n, name in enumerate("AB", 1):
        own = [(a, b, "<Laughter>" if i == LAUGH else 'he said ""1 2""\nand went') for i, (s, a, b) in
               enumerate(SEGMENTS) if s == name]  # fmt: skip
        rows, at = [], 0.0
        for a, b, label in own:
            rows += [(at, a, "sil" if at else ""), (a, b, label)]
            at = b
        rows.append((at, END, "<SIL>"))
        text += [
            f"    item [{n}]:",
            '        class = "IntervalTier" ',
            f'        name = "{name}" ',
            "        xmin = 0 ",
        ]
        text += [f"        xmax = {END} ", f"        intervals: size = {len(rows)} "]
        for i, (a, b, label) in enumerate(rows, 1):
            text += [f"        intervals [{i}]:", f"            xmin = {a} ", f"            xmax = {b} "]
            text += [f'            text = "{label}" ']
    text += ["    item [3]:", '        class = "TextTier" ', '        name = "clicks" ', "        xmin = 0 "]
    text += [
        f"        xmax = {END} ",
        "        points: size = 1 ",
        "        points [1]:",
        "            number = 0.1 ",
    ]
    return "\n".join([*text, '            mark = "click" ', ""])


def eaf() -> str:
    """Speakers by participant, with an empty tier, a symbolic one and a subdivided one below A."""
    slots = sorted({time for _, a, b in SEGMENTS for time in (a, b)})
    at = {time: f"ts{i + 1}" for i, time in enumerate(slots)}
    tiers = {"A": [], "B": []}
    for i, (speaker, a, b) in enumerate(SEGMENTS):
        value = "laughter" if i == LAUGH else "he said &lt;1 2&gt;"
        tiers[speaker].append(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{i}" TIME_SLOT_REF1="{at[a]}" '
            f'TIME_SLOT_REF2="{at[b]}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>'
            f"</ANNOTATION>"
        )
    text = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<ANNOTATION_DOCUMENT AUTHOR="" DATE="2020-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">',
        '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>',
        "<TIME_ORDER>",
        *(f'<TIME_SLOT TIME_SLOT_ID="{at[time]}" TIME_VALUE="{time * 1000:.0f}"/>' for time in slots),
        '<TIME_SLOT TIME_SLOT_ID="ts90"/>',
        "</TIME_ORDER>",
        '<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="default"/>',
    ]
    for name, own in tiers.items():
        text += [f'<TIER LINGUISTIC_TYPE_REF="u" PARTICIPANT="{name}" TIER_ID="utterance@{name}">', *own]
        text.append("</TIER>")
    text += [
        '<TIER LINGUISTIC_TYPE_REF="w" PARENT_REF="utterance@A" TIER_ID="words@A">',
        '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a80" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts90">',
        "<ANNOTATION_VALUE>he</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>",
        "</TIER>",
        '<TIER LINGUISTIC_TYPE_REF="t" PARENT_REF="utterance@A" TIER_ID="translation@A">',
        '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a90" ANNOTATION_REF="a0">',
        "<ANNOTATION_VALUE>laughter</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>",
        "</TIER>",
        *(f'<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="{id}"/>' for id in ("default-lt", "u", "w", "t")),
        "</ANNOTATION_DOCUMENT>\n",
    ]
    return "\n".join(text)


def chat(language: str = "eng, spa") -> str:
    """With an utterance of two lines and tiers that hold no segment."""
    text = [
        "@UTF8", "@Begin", f"@Languages:\t{language}",
        "@Participants:\tA Ann Adult,", "\tB Bob Adult", "@Media:\ttalk, audio",
    ]  # fmt: skip
    for i, (speaker, a, b) in enumerate(SEGMENTS):
        content = "&=laughs ." if i == LAUGH else "well [/] he <said> [?] it\n\ttwo times (.) &=laughs ."
        text += [f"*{speaker}:\t{content} \x15{a * 1000:.0f}_{b * 1000:.0f}\x15"]
        text += ["%wor:\twell \x15500_600\x15 .", "%com:\tloud"]
    return "\n".join([*text, "@End", ""])


def table(delimiter: str = ",", id: str = "talk") -> str:
    rows = [("Speaker", "conversation", "start", "end", "note", "mark")]
    for i, (s, a, b) in enumerate(SEGMENTS):
        rows.append((s, id, str(a), str(b), f'"a{delimiter}b"', "laughter" if i == LAUGH else ""))
    return "".join(delimiter.join(row) + "\n" for row in rows)


def write_all(folder) -> None:
    """Every format once, in files whose names say nothing."""
    (folder / "a.txt").write_text(ms98("A"))
    (folder / "b.txt").write_text(ms98("B"))
    (folder / "c.wav").write_text(rttm("by-rttm"))
    (folder / "d").write_text(mdtm("by-mdtm"))
    (folder / "e.csv").write_text(nxt("f"))
    (folder / "f.csv").write_text(nxt("g"))
    (folder / "by-textgrid.rttm").write_text(textgrid())
    (folder / "h.TextGrid").write_text(table(id="by-table"))
    (folder / "by-elan.xml").write_text(eaf())
    (folder / "by-chat.eaf").write_text(chat())


def read_one(path, *more) -> Conversation:
    """The only conversation of some files, of which nothing is passed over; also where only one person is heard."""
    reading = inspect([path, *more])
    assert reading.skipped == ()
    (conversation,) = (*reading.conversations, *reading.monologues)
    return conversation


def parse_conversations(parse, source: Source) -> tuple[list[Conversation | None], list[Skip]]:
    """Parses a source by a format's `parse`, and interprets what it holds."""
    parts, skipped = parse(source)
    return [interpret(part, "", NO_OPTIONS)[0] for part in parts], skipped


def segments(conversation: Conversation) -> list[tuple[str, float, float]]:
    """(speaker, onset, end) by onset."""
    rows = zip(conversation.speaker, conversation.onset, conversation.end, strict=True)
    return sorted(((conversation.speakers[s], a, b) for s, a, b in rows), key=lambda row: row[1])


def marks(conversation: Conversation) -> list[int]:
    """Marks by onset."""
    return conversation.mark[np.argsort(conversation.onset)].tolist()
