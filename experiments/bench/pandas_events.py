"""Events of Switchboard's word files, counted with pandas as its users would: the baseline of `bench.events`.

Data frames, shifts and groups where pandas can say it, a loop over the turns of a call where it cannot. It counts what
`babble_jax.timing.events` counts, by the same definitions, for two speakers and one window.
"""
# What pandas annotates of its own is too wide to check such code against.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false, reportAssignmentType=false

from pathlib import Path

import numpy as np
import pandas as pd

MERGE, SHORTEST, LONGEST_BACKCHANNEL, ISOLATION = 0.2, 0.05, 1.0, 1.0
DIGITS = 9  # times to the nanosecond, as the definitions have it
KINDS = ("pause", "gap", "overlap_between", "overlap_within")


def count(folder: Path) -> dict[str, float]:
    """Counts the events of all calls under `folder`.

    Returns:
      Numbers of IPUs, of each of `KINDS` and of backchannels; number of floor-transfer offsets and their median,
      seconds, at both levels.
    """
    calls: dict[str, list[pd.DataFrame]] = {}
    for path in sorted(folder.rglob("sw*-ms98-a-word.text")):
        words = pd.read_csv(
            path, sep=r"\s+", names=["id", "start", "end", "word"], quoting=3, keep_default_na=False
        )
        words["speaker"] = path.name[6]
        calls.setdefault(path.name[:6], []).append(words)
    numbers = dict.fromkeys(("ipu", *KINDS, "backchannel"), 0)
    offsets: dict[str, list[float]] = {"ipu": [], "turn": []}
    for speakers in calls.values():
        window = min(words["end"].max() for words in speakers)
        units = ipus(pd.concat(speakers), window)
        if units.empty:
            continue
        short = backchannels(units)
        numbers["ipu"] += len(units)
        numbers["backchannel"] += int(short.sum())
        for kind, number in transitions(units).items():
            numbers[kind] += number
        offsets["ipu"] += sweep(units)
        offsets["turn"] += sweep(units[~short])
    counts: dict[str, float] = {"conversations": len(calls), **numbers}
    for fto_level, values in offsets.items():
        counts |= {f"offsets_{fto_level}": len(values), f"median_{fto_level}": float(np.median(values))}
    return counts


def ipus(words: pd.DataFrame, window: float) -> pd.DataFrame:
    """Merges words into inter-pausal units, sorted."""
    words = words[~words["word"].isin(["[silence]", "[noise]"])].copy()
    words["end"] = words["end"].clip(upper=window)
    words = words[words["end"] > words["start"]].sort_values(["speaker", "start", "end"])
    latest = words.groupby("speaker")["end"].cummax().groupby(words["speaker"]).shift()
    silence = (words["start"] - latest).round(DIGITS)
    words["unit"] = (silence.isna() | (silence >= MERGE)).cumsum()
    units = words.groupby("unit").agg(
        speaker=("speaker", "first"), start=("start", "min"), end=("end", "max")
    )
    units = units[(units["end"] - units["start"]).round(DIGITS) >= SHORTEST]
    return units.sort_values(["start", "end", "speaker"], ignore_index=True)


def transitions(units: pd.DataFrame) -> pd.Series:
    """Counts each of `KINDS`: runs of silence or overlap with a run of one speaker before and after."""
    edges = pd.concat(
        [
            pd.DataFrame({"time": units["start"], "speaker": units["speaker"], "step": 1}),
            pd.DataFrame({"time": units["end"], "speaker": units["speaker"], "step": -1}),
        ]
    )
    on = edges.pivot_table(
        index="time", columns="speaker", values="step", aggfunc="sum", fill_value=0
    ).cumsum()
    on = on.reindex(columns=["A", "B"], fill_value=0)
    state = on["A"] + 2 * on["B"]
    runs = state[state != state.shift()].iloc[:-1]  # the last is the silence after the end
    before, after = runs.shift(), runs.shift(-1)
    between = before.isin([1, 2]) & after.isin([1, 2])
    same, silent, both = before == after, runs == 0, runs == 3
    masks = (silent & same, silent & ~same, both & ~same, both & same)
    return pd.Series({kind: int((mask & between).sum()) for kind, mask in zip(KINDS, masks, strict=True)})


def backchannels(units: pd.DataFrame) -> pd.Series:
    """Marks the units that are backchannels."""
    by = units.groupby("speaker")
    before = (units["start"] - by["end"].shift()).round(DIGITS).fillna(np.inf)
    after = (by["start"].shift(-1) - units["end"]).round(DIGITS).fillna(np.inf)
    length = (units["end"] - units["start"]).round(DIGITS)
    candidate = (length <= LONGEST_BACKCHANNEL) & (before >= ISOLATION) & (after >= ISOLATION)
    main = units[~candidate]
    marks = pd.Series(False, index=units.index)
    for unit in units[candidate].itertuples():
        others = units[units["speaker"] != unit.speaker]
        inside = ((others["start"] < unit.start) & (others["end"] > unit.end)).any()
        earlier, later = main[main["start"] < unit.start], main[main["start"] > unit.start]
        between = (
            len(earlier) > 0
            and len(later) > 0
            and earlier["speaker"].iloc[-1] != unit.speaker
            and later["speaker"].iloc[0] != unit.speaker
        )
        marks[unit.Index] = inside or between
    return marks


def sweep(units: pd.DataFrame) -> list[float]:
    """Computes the floor-transfer offsets, seconds."""
    ftos, speaker, end = [], None, 0.0
    for unit in units.itertuples():
        if speaker is None or unit.speaker == speaker:
            end = max(end, unit.end)
        elif unit.end <= end:
            continue
        else:
            ftos.append(unit.start - end)
            end = unit.end
        speaker = unit.speaker
    return ftos
