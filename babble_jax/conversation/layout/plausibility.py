"""Warns of conversations that no people hold, which most often were misread.

Axes: N segments of a conversation.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.layout.interpret import TierReading
from babble_jax.conversation.layout.tier_names import parse_tier_name
from babble_jax.conversation.layout.tiers import PARALLEL
from babble_jax.conversation.source import quote

LONGEST_MEDIAN, SHORTEST_MEDIAN = 60.0, 0.01
"""Seconds of the median segment, above and below which the times are probably in another unit."""
MOST_SPEECH = 90.0
"""Seconds of speech in a minute of a conversation of two, and in proportion of more: CALLHOME, whose utterances have
padded edges, has 61 s in the median call and 82 at most, Map Task 59 at most."""
MOST_SPEAKERS = 5
MOST_SEGMENTS, FEWEST_SEGMENTS = 600.0, 1.0
"""Segments in a minute, ten times those of the busiest corpus of words and a tenth of those of the calmest one."""
_COMPLETE = 0.9


def warnings(conversations: Sequence[Conversation]) -> list[str]:
    """Lists what is implausible: one sentence for each kind, with the number of conversations and the first of them."""
    examples: dict[str, list[tuple[str, str]]] = {}
    for conversation in conversations:
        for kind, text in _implausible(conversation):
            examples.setdefault(kind, []).append((conversation.id, text))
    lines = []
    for kind, cases in examples.items():
        id, text = cases[0]
        more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        lines.append(f"conversation {quote(id)}{more}: {text}; {kind}")
    return lines


def _implausible(conversation: Conversation) -> Iterator[tuple[str, str]]:
    """Yields (remedy, fact) of each implausible fact."""
    valid = conversation.end > conversation.onset
    if not valid.any():
        return
    durations = (conversation.end - conversation.onset)[valid]
    median, minutes = float(np.median(durations)), max(conversation.seconds / 60, 1e-9)
    if median > LONGEST_MEDIAN or median < SHORTEST_MEDIAN:
        yield (
            "if the times are in another unit, say so by --time-unit",
            f"the median segment lasts {median:.4g} s",
        )
        return
    speakers = range(len(conversation.speakers))
    own = [np.flatnonzero(valid & (conversation.speaker == s)) for s in speakers]
    speaking = [_union(conversation.onset[rows], conversation.end[rows]) for rows in own]
    active_speakers = sum(seconds > 0 for seconds in speaking)
    name = [quote(one) for one in conversation.speakers]
    for s in speakers:
        if (
            len(own[s]) == 1
            and active_speakers > 1
            and speaking[s] >= _COMPLETE * conversation.seconds
            and minutes > 0.5
        ):
            yield (
                "leave it out by --not-tiers if it is no speech",
                f"the speaker {name[s]} has one segment over all of it",
            )
        for other in range(s):
            if len(own[s]) > 1 and _same(conversation, own[s], own[other]):
                yield (
                    "leave one out by --not-tiers if they are one person",
                    f"the speakers {name[other]} and {name[s]} have the same segments",
                )
    if len(speakers) > MOST_SPEAKERS:
        yield (
            "if some are no speakers, choose the tiers by --tiers or --not-tiers",
            f"it has {len(speakers)} speakers",
        )
    if sum(speaking) / minutes > MOST_SPEECH * max(active_speakers, 2) / 2:
        yield (
            "see what was taken for speech, and choose by --tiers, --not-tiers and --silence, or, if a table holds "
            "several conversations, by --columns conversation=NAME",
            f"{sum(speaking) / minutes:.0f} s of speech in a minute of {active_speakers} speakers",
        )
    rate = len(durations) / minutes
    if minutes > 1 and not FEWEST_SEGMENTS <= rate <= MOST_SEGMENTS:
        yield (
            "see `babble inspect`, and choose by --tiers and --time-unit",
            f"{rate:.3g} segments in a minute",
        )


def _union(onset: np.ndarray, end: np.ndarray) -> float:
    """Seconds that segments [N] cover together."""
    if not len(onset):
        return 0.0
    order = np.argsort(onset, kind="stable")
    reach = np.maximum.accumulate(end[order])
    before = np.concatenate([[-np.inf], reach[:-1]])
    return float(np.maximum(reach - np.maximum(onset[order], before), 0).sum())


def _same(conversation: Conversation, a: np.ndarray, b: np.ndarray) -> bool:
    """Tells whether the segments `a` and `b` have the same times."""
    return len(a) == len(b) and all(
        np.array_equal(np.sort(times[a]), np.sort(times[b]))
        for times in (conversation.onset, conversation.end)
    )


def doubt_tiers(tiers: Sequence[TierReading]) -> list[str]:
    """Warns of tiers of phones, syllables or translations that were taken, and of two people who were taken for one.

    Args:
      tiers: of all files, those that were left out, too.
    """
    return [*_doubt_levels(tiers), *_doubt_parallel(tiers)]


def _doubt_levels(tiers: Sequence[TierReading]) -> list[str]:
    doubts: dict[str, set[str]] = {}  # names by level
    for tier in tiers:
        level = parse_tier_name(tier.tier).level
        if tier.speaker is not None and level in ("phone", "syllable", "translation"):
            doubts.setdefault(level, set()).add(tier.tier)
    left_out = dict.fromkeys(tier.tier for tier in tiers if tier.speaker is None)
    better = [name for name in left_out if parse_tier_name(name).level == "word"]
    better = better or [name for name in left_out if parse_tier_name(name).level == "utterance"]
    remedy = f"; without --tiers {_list(better)} would be taken" if better else ""
    lines = []
    for level, names in doubts.items():
        subject = f"the {'tier' if len(names) == 1 else 'tiers'} {_list(sorted(names))}"
        what = "a translation, not what is said" if level == "translation" else f"{level}s, not words"
        lines.append(f"{subject} {'holds' if len(names) == 1 else 'hold'} {what}{remedy}")
    return lines


def _doubt_parallel(tiers: Sequence[TierReading]) -> list[str]:
    """Warns of tiers whose names may be two people's, of as many segments at the same times."""
    segments = {(tier.file, tier.tier): tier.segments for tier in tiers if tier.speaker is not None}
    pairs: dict[tuple[str, str], int] = {}
    for tier in tiers:
        other = (tier.reason or "").removeprefix(PARALLEL)
        if segments.get((tier.file, other)) == tier.segments and _may_be_two(tier.tier, other):
            pairs[other, tier.tier] = pairs.get((other, tier.tier), 0) + 1
    lines = []
    for (one, other), count in pairs.items():
        where = f" in {count} files" if count > 1 else ""
        lines.append(
            f"the tiers {quote(one)} and {quote(other)} have segments at the same times and were taken for one "
            f"speaker's{where}; if they are two people's, --tiers '^({re.escape(one)}|{re.escape(other)})$' takes both"
        )
    return lines


def _may_be_two(one: str, other: str) -> bool:
    """Tells whether two names of tiers may be of two people: neither holds the other, or the word of a level."""
    levels = {parse_tier_name(one).level, parse_tier_name(other).level}
    return (
        levels == {None} and one.casefold() not in other.casefold() and other.casefold() not in one.casefold()
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names[:3])) + (", ..." if len(names) > 3 else "")
