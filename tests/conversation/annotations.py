"""The same small dialogue of A and B, in every format that is read."""

SEGMENTS = [("A", 0.5, 1.25), ("B", 1.5, 2.0), ("A", 1.75, 4.0), ("B", 4.5, 5.125)]
LAUGH = 1  # the row that is laughter where the format can say so
END = 6.0  # of the recording where the format can say so


def ms98(side: str, call: str = "sw2001") -> str:
    """One side of a call: its rows tile it."""
    lines, at = [], 0.0
    for i, (speaker, onset, offset) in enumerate(SEGMENTS):
        if speaker == side:
            lines += [(at, onset, "[silence]"), (onset, offset, "[laughter]" if i == LAUGH else "well")]
            at = offset
    lines.append((at, END, "[noise]"))
    return "".join(
        f"{call}{side}-ms98-a-{n // 2:04d} {a:.6f} {b:.6f} {w}\n" for n, (a, b, w) in enumerate(lines)
    )


def rttm(id: str = "talk") -> str:
    return "".join(f"SPEAKER {id} 1 {a} {b - a} <NA> <NA> {s} <NA> <NA>\n" for s, a, b in SEGMENTS)


def mdtm(id: str = "talk") -> str:
    return "".join(f"{id} 1 {a:.3f} {b - a:.5g} speaker NA unknown {s}\n" for s, a, b in SEGMENTS)


def nxt(side: str, id: str = "q1ec1") -> str:
    """The follower (f) is A, the giver (g) B."""
    lines, at = [], 0.0
    for i, (speaker, onset, offset) in enumerate(SEGMENTS):
        if speaker == {"f": "A", "g": "B"}[side]:
            lines.append(f'<sil id="s{i}" start="{at:.4f}" end="{onset:.4f}"/>')
            times = f'start="{onset:.4f}" end="{offset:.4f}"'
            lines.append(
                f'<noi id="n{i}" {times} type="laugh"/>' if i == LAUGH else f'<tu id="t{i}" {times}>well</tu>'
            )
            at = offset
    lines.append(f'<noi id="out" start="{at:.4f}" end="{at + 0.25:.4f}" type="outbreath"/>')
    root = f'<nite:root xmlns:nite="http://nite.sourceforge.net/" id="tu.{id}.{side}">'
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
        filled, at = [], 0.0
        for a, b, label in own:
            filled += [(at, a, "sil" if at else ""), (a, b, label)]
            at = b
        filled.append((at, END, "<SIL>"))
        text += [
            f"    item [{n}]:",
            '        class = "IntervalTier" ',
            f'        name = "{name}" ',
            "        xmin = 0 ",
        ]
        text += [f"        xmax = {END} ", f"        intervals: size = {len(filled)} "]
        for i, (a, b, label) in enumerate(filled, 1):
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
