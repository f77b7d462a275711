"""The definitions of events once more, word by word: plain loops over whole nanoseconds, slow and exact."""

import dataclasses
import itertools

import numpy as np

from babble_jax.conversation.conversation import Conversation, Unit
from babble_jax.timing.events import Definitions, Kind, Reason


def talk(
    *segments: tuple[int, float, float],
    windows: tuple[tuple[float, float], ...] = ((0.0, 1000.0),),
    speakers: int = 2,
    unit: Unit = "ipu",
) -> Conversation:
    """A conversation from (speaker, onset, offset)."""
    return Conversation(
        id="talk",
        corpus="hand",
        speakers=tuple("ABCDEFG"[:speakers]),
        speaker=np.array([s for s, _, _ in segments], np.int32),
        onset=np.array([a for _, a, _ in segments], np.float64),
        end=np.array([b for _, _, b in segments], np.float64),
        mark=np.zeros(len(segments), np.uint8),
        unit=unit,
        language=None,
        group="talk",
        windows=np.array(windows, np.float64).reshape(-1, 2),
    )


def random_talk(seed: int, segments: int = 60, speakers: int = 3) -> Conversation:
    """A conversation of random segments, whose labels are w0, w1, ..., in two windows."""
    draw = np.random.default_rng(seed)
    onset = np.round(draw.uniform(0, 100, segments), 3)
    conversation = talk(
        *zip(
            draw.integers(0, speakers, segments).tolist(),
            onset.tolist(),
            np.round(onset + draw.uniform(0.02, 3, segments), 3).tolist(),
            strict=True,
        ),
        windows=((0.0, 60.0), (60.0, 110.0)),
        speakers=speakers,
    )
    return dataclasses.replace(
        conversation, id=f"talk {seed}", labels=tuple(f"w{i}" for i in range(segments))
    )


def to_nanoseconds(seconds: float) -> int:
    """Nanoseconds."""
    return round(seconds * 1e9)


Unit_ = tuple[int, int, int, int]  # onset, offset (nanoseconds), speaker, window


def ipus(conversation: Conversation, definitions: Definitions) -> list[Unit_]:
    result = []
    for w, (start, end) in enumerate(conversation.windows):
        for s in range(len(conversation.speakers)):
            segments = []
            rows = zip(conversation.speaker, conversation.onset, conversation.end, strict=True)
            for speaker, a, b in rows:
                a, b = to_nanoseconds(a), to_nanoseconds(b)
                if speaker != s or b <= a:
                    continue
                too_long = definitions.max_word is not None and b - a > to_nanoseconds(definitions.max_word)
                if too_long and conversation.unit == "word":
                    continue
                a, b = max(a, to_nanoseconds(start)), min(b, to_nanoseconds(end))
                if b > a:
                    segments.append([a, b])
            merged: list[list[int]] = []
            for a, b in sorted(segments):
                if merged and a - merged[-1][1] < max(to_nanoseconds(definitions.merge), 1):
                    merged[-1][1] = max(merged[-1][1], b)
                else:
                    merged.append([a, b])
            result += [(a, b, s, w) for a, b in merged if b - a >= to_nanoseconds(definitions.min_ipu)]
    return sorted(result, key=lambda unit: unit[:3])


def transitions(units: list[Unit_]) -> list[tuple[Kind, int, int, int, int]]:
    """(kind, start, end, before, after)."""
    result = []
    for w in sorted({unit[3] for unit in units}):
        own = [unit for unit in units if unit[3] == w]
        edges = sorted({unit[0] for unit in own} | {unit[1] for unit in own})
        runs: list[list] = []  # who, start, end
        for a, b in itertools.pairwise(edges):
            who = {speaker for x, y, speaker, _ in own if x <= a and b <= y}
            state = "many" if len(who) > 1 else (who.pop() if who else "nobody")
            if runs and runs[-1][0] == state:
                runs[-1][2] = b
            else:
                runs.append([state, a, b])
        before, between = None, []
        for run in runs:
            if run[0] in ("many", "nobody"):
                between.append(run)
                continue
            if before is not None and between:
                same, silent = before == run[0], between[0][0] == "nobody"
                if len(between) > 1:
                    kind = Kind.MIXED
                elif silent:
                    kind = Kind.PAUSE if same else Kind.GAP
                else:
                    kind = Kind.OVERLAP_WITHIN if same else Kind.OVERLAP_BETWEEN
                result.append((kind, between[0][1], run[1], before, run[0]))
            before, between = run[0], []
    return result


def backchannels(units: list[Unit_], definitions: Definitions) -> list[bool]:
    limit, isolation = (
        to_nanoseconds(definitions.backchannel_max),
        to_nanoseconds(definitions.backchannel_isolation),
    )

    def candidate(unit: Unit_) -> bool:
        a, b, speaker, window = unit
        for c, d, other, where in units:
            own = other == speaker and where == window and (c, d) != (a, b)
            if own and (c - b < isolation if c >= b else a - d < isolation):
                return False
        return b - a <= limit

    main = [unit for unit in units if not candidate(unit)]
    verdict = []
    for unit in units:
        a, b, speaker, window = unit
        inside = any(c < a and b < d and s != speaker for c, d, s, _ in units)
        before = [m for m in main if m[0] < a]
        after = [m for m in main if m[0] > a]
        between = False
        if before and after:
            last, first = before[-1], after[0]
            between = last[2] == first[2] != speaker and last[3] == first[3] == window
        verdict.append(candidate(unit) and (inside or between))
    return verdict


def sweep(units: list[Unit_], left_out: list[bool]) -> list[tuple[Reason, int | None]]:
    """(reason, offset in nanoseconds) of each unit."""
    result = []
    window = speaker = end = None
    for (a, b, s, w), out in zip(units, left_out, strict=True):
        if out:
            result.append((Reason.BACKCHANNEL, None))
        elif w != window:
            result.append((Reason.FIRST, None))
            window, speaker, end = w, s, b
        elif s == speaker:
            result.append((Reason.SAME_SPEAKER, None))
            end = max(end, b)
        elif b <= end:
            result.append((Reason.CONTAINED, None))
        else:
            result.append((Reason.DEFINED, a - end))
            speaker, end = s, b
    return result
