"""The same small dialogue of A and B, in every format that is read, and what a reading of it must hold."""

import json
from typing import Any

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


def transcriber() -> str:
    """A turn of both where they overlap, a laugh as an event, and a section that was not transcribed."""
    text = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE Trans SYSTEM "trans-14.dtd">',
        '<Trans audio_filename="talk" version="1" xml:lang="fr">', "<Speakers>", '<Speaker id="spk1" name="A"/>',
        '<Speaker id="spk2" name="B"/>', "</Speakers>", "<Episode>",
        '<Section type="report" startTime="0" endTime="6">',
    ]  # fmt: skip
    for i, (speaker, a, b) in enumerate(SEGMENTS):
        content = (
            '<Event desc="rire" type="noise" extent="instantaneous"/>' if i == LAUGH else "well <Event/> it"
        )
        ids = {"A": "spk1", "B": "spk2"}[speaker]
        who = ""
        if i == 2:
            ids, who = "spk2 spk1", '<Who nb="1"/>\n\n<Who nb="2"/>\n'
        text += [
            f'<Turn speaker="{ids}" startTime="{a}" endTime="{b}">',
            f'<Sync time="{a}"/>',
            who + content,
        ]
        text += [
            "</Turn>",
            f'<Turn startTime="{b}" endTime="{b + 0.25}">',
            f'<Sync time="{b}"/>',
            "music",
            "</Turn>",
        ]
    text += ["</Section>", '<Section type="nontrans" startTime="6" endTime="9.5">', "</Section>"]
    return "\n".join([*text, "</Episode>", "</Trans>\n"])


def stm(id: str = "talk") -> str:
    head = ';; CATEGORY "0" "" ""\n;; LABEL "o" "Overall" "all"\n'
    ignored = f"{id} 1 inter_segment_gap 0 0.5 <o,,unknown> ignore_time_segment_in_scoring\n"
    rows = [
        f"{id} 1 {s} {a:.3f} {b:.3f} <o,f0,male> {'[laughter]' if i == LAUGH else 'he said it'}\n"
        for i, (s, a, b) in enumerate(SEGMENTS)
    ]
    return head + ignored + "".join(rows)


def ctm(id: str = "talk") -> str:
    """With alternatives, of which the first one counts, before a word."""
    alternatives = f"{id} A * * <ALT_BEGIN>\n{id} A * * <ALT>\n{id} A 5.2 0.1 won't\n{id} A * * <ALT_END>\n"
    rows = [
        f"{id} {s} {a:.3f} {b - a:.3f} {'[laughter]' if i == LAUGH else 'well'} 0.9\n"
        for i, (s, a, b) in enumerate(SEGMENTS)
    ]
    return ";; words\n" + "".join(rows[:2]) + alternatives + "".join(rows[2:])


def uem(id: str = "talk") -> str:
    return f"; what was annotated\n{id} 1 3.0 {END}\n{id} 1 0 3.000\n"


def kaldi(id: str = "talk") -> tuple[str, str]:
    """`segments` and `utt2spk`."""
    names = [f"{s}-{id}-{a * 100:06.0f}-{b * 100:06.0f}" for s, a, b in SEGMENTS]
    rows = zip(names, SEGMENTS, strict=True)
    segments = "".join(f"{name} {id} {a} {b}\n" for name, (_, a, b) in rows)
    return segments, "".join(f"{name} {s}\n" for name, (s, _, _) in zip(names, SEGMENTS, strict=True))


def santa_barbara() -> str:
    """With a second line of a speaker who is not named again, sounds of the surroundings, and several at once."""
    rows = [
        f"{a} {b}\t{s}:    \t{'@@ (H)' if i == LAUGH else '... So you [2don=2]'}\n"
        for i, (s, a, b) in enumerate(SEGMENTS)
    ]
    return "".join([*rows[:1], "1.25 1.40\t       \t(TSK) ..\n", *rows[1:], "5.13 5.20\t>ENV:\t((DOOR))\n"])


def audacity() -> str:
    rows = "".join(f"{a:.6f}\t{b:.6f}\t{s}: {'[laughter]' if i == LAUGH else 'well'}\n" for i, (s, a, b) in
                   enumerate(SEGMENTS))  # fmt: skip
    return rows + "\\\t100.0\t2000.0\n"


def lab() -> str:
    """Labels of HTK, in units of 100 ns."""
    return "".join(f"{round(1e7 * a)} {round(1e7 * b)} {s}: {'[laughter]' if i == LAUGH else 'well'}\n" for i, (s, a, b)
                   in enumerate(SEGMENTS))  # fmt: skip


def buckeye() -> str:
    """Words of the one who is interviewed, who are both A and B here, and of the interviewer."""
    rows = [
        (0.1, "{B_TRANS}"),
        (0.5, "<SIL>"),
        (0.7, "well"),
        (0.9, "<LAUGH-yes>"),
        (1.5, "<IVER>"),
        (2.0, "<LAUGH>"),
    ]
    rows += [(2.2, "<VOCNOISE>"), (2.5, "<CUTOFF-th=this>"), (4.0, "<IVER>"), (4.2, "no"), (END, "{E_TRANS}")]
    text = "".join(f"   {end:.6f}  121 {label}; w eh l; w eh l; NN\n" for end, label in rows)
    return "signal s0101a\nnfields 1\n#\n" + text


def ami(speaker: str, id: str = "EN2001a") -> str:
    """Words of one speaker, with punctuation, a cough and a gap."""
    lines = []
    for i, (name, onset, end) in enumerate(SEGMENTS):
        if name == speaker:
            element, kind, word = ("vocalsound", ' type="laugh"', "") if i == LAUGH else ("w", "", "well")
            times = f'starttime="{onset}" endtime="{end}"'
            lines.append(f'<{element} nite:id="{id}.{name}.words{i}" {times}{kind}>{word}</{element}>')
            lines.append(f'<w nite:id="p{i}" starttime="{end}" endtime="{end + 0.01}" punc="true">.</w>')
    lines += [
        '<vocalsound nite:id="v" starttime="9" endtime="9.5" type="cough"/>',
        '<w nite:id="none">um</w>',
    ]
    lines += ['<gap nite:id="g" starttime="5.2" endtime="5.3"/>']
    lines += ['<vocalsound nite:id="c" starttime="3" type="other"/>']
    root = f'<nite:root nite:id="{id}.{speaker}.words" xmlns:nite="http://nite.sourceforge.net/">'
    return "\n".join(
        ['<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>', root, *lines, "</nite:root>\n"]
    )


def _caption_time(seconds: float, point: str) -> str:
    return f"00:00:{seconds:06.3f}".replace(".", point)


def srt() -> str:
    """With a number, a tag and a name for each caption, and one of two lines."""
    blocks = []
    for i, (s, a, b) in enumerate(SEGMENTS):
        text = "[laughs]" if i == LAUGH else "<i>well</i>\nhe said"
        blocks.append(f"{i + 1}\n{_caption_time(a, ',')} --> {_caption_time(b, ',')}\n{s}: {text}\n")
    return "\n".join(blocks)


def webvtt() -> str:
    """With voices, settings, identifiers, and blocks that are no cues."""
    blocks = ["WEBVTT - talk\nKind: captions", "NOTE 1 --> 2", "STYLE\n::cue { color: red }"]
    for i, (s, a, b) in enumerate(SEGMENTS):
        text = "[laughs]" if i == LAUGH else "well <b>he</b>\nsaid"
        times = f"{_caption_time(a, '.')[3:]} --> {_caption_time(b, '.')} align:start"
        blocks.append(f"cue {i}\n{times}\n<v.loud {s}>{text}</v>")
    return "\n\n".join(blocks) + "\n"


def whisper_tsv() -> str:
    rows = [f"{round(a * 1000)}\t{round(b * 1000)}\t[{s}]: {'[laughs]' if i == LAUGH else 'well'}\n" for i, (s, a, b) in
            enumerate(SEGMENTS)]  # fmt: skip
    return "start\tend\ttext\n" + "".join(rows)


def transcript_json() -> str:
    """As WhisperX writes it: segments with their words, and all words again."""
    segments = []
    for i, (s, a, b) in enumerate(SEGMENTS):
        word = "[laughs]" if i == LAUGH else "well"
        words = [{"word": word, "start": a, "end": b, "score": 0.9, "speaker": s}]
        segments.append({"start": a, "end": b, "text": f" {word}", "words": words, "speaker": s})
    value = {"segments": segments, "word_segments": [one["words"][0] for one in segments], "language": "en"}
    return json.dumps(value, indent=1)


def seglst(id: str = "talk") -> str:
    rows = []
    for i, (s, a, b) in enumerate(SEGMENTS):
        words = "{laugh}" if i == LAUGH else "he"
        rows.append({"session_id": id, "speaker": s, "start_time": a, "end_time": str(b), "words": words})
    return json.dumps(rows)


def elan_export() -> str:
    """Tier, participant, times in three notations, and value."""
    rows = ['"#file:///talk.mp4 -- offset: 0"\n']
    for i, (s, a, b) in enumerate(SEGMENTS):
        times = [f"00:00:{time:06.3f}\t{time}\t{round(time * 1000)}" for time in (a, b, b - a)]
        rows.append("\t".join([f"utterance@{s}", s, *times, "laughter" if i == LAUGH else "he said"]) + "\n")
    return "".join(rows)


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
    (folder / "by-transcriber.stm").write_text(transcriber())
    (folder / "by-santa_barbara.txt").write_text(santa_barbara())
    (folder / "by-audacity.txt").write_text(audacity())
    (folder / "by-lab.lab").write_text(lab())
    (folder / "s0101a").write_text(buckeye())
    (folder / "i.rttm").write_text(stm("by-stm"))
    (folder / "j").write_text(ctm("by-ctm"))
    (folder / "k").write_text(uem("by-ctm"))
    (folder / "by-srt.vtt").write_text(srt())
    (folder / "by-webvtt.srt").write_text(webvtt())
    (folder / "by-whisper_tsv.csv").write_text(whisper_tsv())
    (folder / "by-transcript_json.csv").write_text(transcript_json())
    (folder / "l.json").write_text(seglst("by-seglst"))
    (folder / "by-elan_export").write_text(elan_export())
    (folder / "kaldi").mkdir()
    for name, text in zip(("segments", "utt2spk"), kaldi("by-kaldi"), strict=True):
        (folder / "kaldi" / name).write_text(text)


def read_one(path, *more) -> Conversation:
    """The only conversation of some files, of which nothing is passed over; also where only one person is heard."""
    reading = inspect([path, *more])
    assert reading.skipped == ()
    (conversation,) = (*reading.conversations, *reading.monologues)
    return conversation


def parse_conversations(parse, source: Source) -> tuple[list[Any], list[Skip]]:
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
