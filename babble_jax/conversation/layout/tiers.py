"""Chooses the tiers of a file that are speech, and says whose: rules for files whose format does not say it.

In this order: the user's patterns; tiers that are no speech (`no_speech`); labels that are names of speakers
(`speaker_labels`). What is left is grouped by speaker, by the participant that the file gives, by the name, by the tier
above, or by time where the segments of a tier lie within those of another. Of parallel tiers of one speaker the finest
that is speech is taken: words before utterances, never phones.

Axes: T tiers, N segments of one.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.layout.candidates import Candidate
from babble_jax.conversation.layout.containment import (
    COVERED,
    INSIDE,
    are_parallel,
    overlap,
    share_covered,
    share_inside,
)
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.layout.no_speech import FEW_LABELS, leave_out_no_speech
from babble_jax.conversation.layout.speaker_labels import covers, divide, find_speaker_labels
from babble_jax.conversation.layout.tier_names import Level, parse_tier_name

PARALLEL = "parallel to "
"""Begins the reason why a tier is left out whose segments lie within those of another one of the same speaker."""
_PHONE = 0.13
"""Seconds: where the median segment of the finer of two parallel tiers without a level is shorter, it is of phones."""
_PARALLEL = 0.5
"""Share of a tier's time within another one of the same speaker, from which on it is no speech beside it."""
_FINER = 1.2
"""Times as many segments as a parallel tier, from which on a tier without a level is one of words."""
_ORDER: dict[Level | None, int] = {
    "word": 0,
    "utterance": 1,
    None: 1,
    "syllable": 3,
    "phone": 4,
    "translation": 5,
}


@dataclasses.dataclass(frozen=True, eq=False)
class TierChoice:
    """What became of a tier.

    Attributes:
      tier: as the file has it.
      codes: [N] int8 class of each label (`labels`).
      speaker: whose speech it is; None where it is left out.
      reason: why it is left out; None where it is taken.
      level: that its segments are at, as far as its name or the tiers beside it say.
    """

    tier: Tier
    codes: np.ndarray
    speaker: str | None
    reason: str | None = None
    level: Level | None = None


def choose_tiers(tiers: Sequence[Tier], codes: Sequence[np.ndarray], layout: Layout) -> list[TierChoice]:
    """Chooses the tiers of a file that are speech.

    Args:
      tiers: [T] of the file, in its order.
      codes: [T] arrays [N] of the classes of their labels.
      layout: patterns of the user.

    Returns:
      [T] choices, in the order of the tiers. A tier of labels that name the speakers, alone in its file, becomes a
      choice for each of them.
    """
    candidates = [
        Candidate(tier, code, parse_tier_name(tier.name), index)
        for index, (tier, code) in enumerate(zip(tiers, codes, strict=True))
    ]
    rest = _apply_patterns(candidates, layout)
    if layout.tiers is None:
        rest = leave_out_no_speech(rest)
        if who := find_speaker_labels(rest):
            return _split(candidates, rest, who)
        for one in rest:
            one.speaker = one.speaker_by_name
        _part_namesakes(rest)
        _name_nameless(rest)
        rest = _unite_parallel(rest)
    return [_choice(one) for one in candidates]


def _choice(one: Candidate) -> TierChoice:
    speaker = None if one.reason is not None else one.speaker
    return TierChoice(one.tier, one.codes, speaker, one.reason, one.level)


def _split(candidates: Sequence[Candidate], rest: Sequence[Candidate], who: Candidate) -> list[TierChoice]:
    """Divides the finest tier among the speakers that another tier names, or that tier itself.

    Args:
      candidates: tiers of the file, in its order.
      rest: those that may be speech.
      who: the one whose labels are names of speakers.
    """
    others = [one for one in rest if one is not who and len(one.onset)]
    divided = _take_finest(others)[0] if others else who
    if divided is not who and covers(who, divided):
        who.reason = f"names the speakers of {divided.tier.name}"
    else:
        divided = who
    for one in rest:
        if one is not who and one is not divided:
            one.reason = one.reason or f"{PARALLEL}{divided.tier.name}"
    parts = [TierChoice(tier, codes, name, level=divided.level) for name, tier, codes in divide(divided, who)]
    return [part for one in candidates for part in (parts if one is divided else [_choice(one)])]


def _apply_patterns(candidates: list[Candidate], layout: Layout) -> list[Candidate]:
    rest = []
    for one in candidates:
        name = one.tier.name
        match = layout.search("tiers", name)
        if layout.search("not_tiers", name):
            one.reason = "matches --not-tiers"
        elif layout.tiers is not None and match is None:
            one.reason = "does not match --tiers"
        else:
            group = match.groupdict().get("speaker") if match else None
            one.speaker = group or one.participant or name
            rest.append(one)
    return rest


def _part_namesakes(rest: list[Candidate]) -> None:
    """Gives tiers of one level and speaker by name that are not parallel (`two words`, `two_words`) their own names."""
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for one in rest:
        if one.participant is None and one.level is not None:
            groups.setdefault((one.speaker, one.level), []).append(one)
    for group in groups.values():
        different = len({one.tier.name for one in group}) > 1
        if different and not any(are_parallel(*pair) for pair in itertools.combinations(group, 2)):
            for one in group:
                one.speaker = one.tier.name


def _name_nameless(rest: list[Candidate]) -> None:
    """Gives tiers whose name holds a level only (`words`, `phones`) one speaker, or each its own name."""
    nameless = [one for one in rest if not one.speaker]
    levels = [one.level for one in nameless]
    for one in nameless:
        one.speaker, one.named = "speaker" if len(set(levels)) == len(levels) else one.tier.name, False


def _unite_parallel(rest: list[Candidate]) -> list[Candidate]:
    """Leaves out all but the finest of the parallel tiers of each speaker."""
    by_speaker: dict[str, list[Candidate]] = {}
    for one in rest:
        by_speaker.setdefault(one.speaker, []).append(one)
    groups = list(by_speaker.values())
    for a, b in itertools.combinations(
        range(len(groups)), 2
    ):  # tiers of other names that are parallel in time
        if groups[a] and groups[b] and _same_person(groups[a], groups[b]):
            groups[a] += groups[b]
            groups[b] = []
    taken = []
    for group in groups:
        taken += _take_finest(sorted(group, key=lambda one: one.index)) if len(group) > 1 else group
    return taken


def _same_person(a: list[Candidate], b: list[Candidate]) -> bool:
    """Tells whether two groups are tiers of one person, by time; never where the file names two participants."""
    if len({one.participant for one in (*a, *b)} - {None}) > 1:
        return False
    for one, other in itertools.product(a, b):
        if one.tier.name == other.tier.top or other.tier.name == one.tier.top:
            return True
    for finer, coarser in ((a, b), (b, a)):  # phones that annotate a part only
        above = [one for one in coarser if not _is_below_words(one)]
        if all(map(_is_below_words, finer)) and any(
            share_inside(*pair) >= INSIDE for pair in itertools.product(finer, above)
        ):
            return True
    return any(are_parallel(one, other) for one in a for other in b)


def _is_below_words(one: Candidate) -> bool:
    return one.level in ("phone", "syllable")


def _take_finest(group: list[Candidate]) -> list[Candidate]:
    """Takes the finest tier of a speaker that is speech; tiers that lie elsewhere in time are taken with it."""
    group = [*group]
    coarse = sorted((one for one in group if len(one.onset) > 1), key=lambda one: len(one.onset))
    for one in group:  # phones without a name that says so
        if one.level is None and 0 < one.median < _PHONE:
            coarser = itertools.takewhile(lambda other: len(other.onset) < len(one.onset), coarse)  # noqa: B023
            one.level = "phone" if any(are_parallel(one, other) for other in coarser) else None
    spoken = [one for one in group if len(one.onset)]
    if not spoken:
        for one in group[1:]:
            one.reason = "holds no speech"
        return group[:1]

    many = max(one.different_labels for one in spoken)

    def rank(one: Candidate) -> tuple[int, int, bool, int]:
        codes = len(one.onset) >= 10 and one.different_labels <= min(FEW_LABELS, len(one.onset) / 2, many / 2)
        other_name = one.tier.name.casefold() != one.speaker.casefold()
        named_so = one.tier.name == one.participant  # however few its labels are, as "0." for all
        level = 2 if codes and one.level is None and not named_so else _ORDER[one.level]
        return level, -len(one.onset), other_name, one.index

    best = min(spoken, key=rank)
    longest = max(spoken, key=lambda one: (_ORDER[one.level] <= 1, float(np.sum(one.end - one.onset))))
    if overlap(best, longest) > 0 and share_covered(best, longest) < COVERED:
        best = longest  # the finer tier annotates a part only
    if best.level is None and any(
        len(best.onset) > _FINER * len(one.onset) and are_parallel(best, one)
        for one in spoken
        if one is not best
    ):
        best.level = "word"
    taken = [best]
    for one in group:
        if one is best:
            continue
        if not len(one.onset):
            one.reason = "holds no speech"
        elif _ORDER[one.level] > 2:
            one.reason = (
                f"{one.level}s of {best.tier.name}"
                if one.level != "translation"
                else f"translation of {best.tier.name}"
            )
        elif overlap(one, best) > _PARALLEL * float(np.sum(one.end - one.onset)):
            one.reason = f"{PARALLEL}{best.tier.name}"
        else:
            taken.append(one)
    speaker = best.speaker
    if not best.named:  # a tier of its turns may have a name
        names = [one.speaker for one in group if _names_person(one, best)]
        speaker = names[0] if names else speaker
    for one in taken:
        one.speaker = speaker
    return taken


def _names_person(one: Candidate, best: Candidate) -> bool:
    """Tells whether the name of a tier is that of the person who speaks on a finer one."""
    coarser = one.level in (None, "utterance") and 0 < len(one.onset) < len(best.onset)
    return one.named and one.tier.top is None and coarser
