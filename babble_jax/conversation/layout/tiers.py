"""Chooses the tiers of a file that are speech, and says whose: rules for files whose format does not say it.

In this order: the user's patterns; tiers without segments; names of something else than speech, and labels of a fixed
vocabulary; one label over the complete file; labels that are names of speakers. What is left is grouped by speaker, by
the participant that the file gives, by the name, or by time where the segments of a tier lie within those of another. Of
parallel tiers of one speaker the finest that is speech is taken: words before utterances, never phones.

Axes: T tiers, N segments of one.
"""

import dataclasses
import itertools
import re
from collections.abc import Sequence

import numpy as np

from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.layout.tier_names import Level, TierName, parse_tier_name

_INSIDE = 0.95
"""Share of the finer tier's time that must lie within the segments of the coarser one."""
_COVERED = 0.8
"""Share of the coarser tier's time that must lie between first onset and last end of the finer one's segments in it."""
_COMPLETE = 0.9
"""Share of the file that one label over the complete file lasts at least."""
_PHONE = 0.13
"""Seconds: where the median segment of the finer of two parallel tiers without a level is shorter, it is of phones."""
_PARALLEL = 0.5
"""Share of a tier's time within another one of the same speaker, from which on it is no speech beside it."""
_FINER = 1.2
"""Times as many segments as a parallel tier, from which on a tier without a level is one of words."""
_FEW_LABELS = 12
"""Different labels at most, in ten segments or more, of a tier of codes."""
_ORDER: dict[Level | None, int] = {
    "word": 0,
    "utterance": 1,
    None: 1,
    "syllable": 3,
    "phone": 4,
    "translation": 5,
}
_SPEAKER_LABEL = re.compile(
    r"(?:spk|spkr|speaker|participant|person|subject|talker|caller|agent|sprecher|locuteur|hablante|p|s)[ _-]?\w{0,3}"
    r"|[a-h]\d?",
    re.IGNORECASE,
)
_MOST_SPEAKERS = 12


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


@dataclasses.dataclass(eq=False)
class _Candidate:
    tier: Tier
    codes: np.ndarray
    name: TierName
    index: int
    speaker: str = ""
    reason: str | None = None
    level: Level | None = None

    def __post_init__(self):
        speech = (self.codes >= 0) & (self.tier.end > self.tier.onset)
        order = np.argsort(self.tier.onset[speech], kind="stable")
        self.onset, self.end = self.tier.onset[speech][order], self.tier.end[speech][order]
        self.level = self.name.level

    @property
    def different_labels(self) -> int:
        """Number of labels that differ."""
        return len(set(self.tier.labels)) if self.tier.labels is not None else 0

    @property
    def median(self) -> float:
        """Seconds of its median segment."""
        return float(np.median(self.end - self.onset)) if len(self.onset) else 0.0


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
        _Candidate(tier, code, parse_tier_name(tier.name), index)
        for index, (tier, code) in enumerate(zip(tiers, codes, strict=True))
    ]
    rest = _apply_patterns(candidates, layout)
    if layout.tiers is None:
        rest = _leave_out_no_speech(rest)
        if by_label := _split_by_label(rest):
            return [part for one in candidates for part in (by_label if one is rest[0] else [_choice(one)])]
        for one in rest:
            one.speaker = _speaker_by_name(one)
        _name_nameless(rest)
        rest = _unite_parallel(rest)
    return [_choice(one) for one in candidates]


def _choice(one: _Candidate) -> TierChoice:
    speaker = None if one.reason is not None else one.speaker
    return TierChoice(one.tier, one.codes, speaker, one.reason, one.level)


def _apply_patterns(candidates: list[_Candidate], layout: Layout) -> list[_Candidate]:
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
            one.speaker = group or one.tier.speaker or name
            rest.append(one)
    return rest


def _leave_out_no_speech(candidates: list[_Candidate]) -> list[_Candidate]:
    """Leaves out tiers that hold nothing, and those that are no speech, unless no tier would be left."""
    begin = min((one.tier.onset.min() for one in candidates if len(one.tier)), default=0.0)
    finish = max((one.tier.end.max() for one in candidates if len(one.tier)), default=0.0)
    names = {_speaker_by_name(one).casefold() for one in candidates} - {""}
    reasons: dict[int, str] = {}
    for one in candidates:
        tier, speech = one.tier, len(one.onset)
        if not len(tier):
            one.reason = "holds no segment"
        elif word := one.name.no_speech or (tier.top and parse_tier_name(tier.top).no_speech):
            reasons[one.index] = f"its name says {word}"
        elif tier.no_speech:
            reasons[one.index] = tier.no_speech
        elif tier.closed_vocabulary:
            reasons[one.index] = "its labels are codes of a fixed vocabulary"
        elif (
            tier.speaker is None
            and len(tier) == 1
            and len(candidates) > 2
            and tier.end[0] - tier.onset[0] >= _COMPLETE * (finish - begin)
        ):
            reasons[one.index] = "one label over the complete file"
        elif speech > 1 and tier.labels is not None:
            labels = {
                label.strip().casefold()
                for label, code in zip(tier.labels, one.codes.tolist(), strict=True)
                if code >= 0
            }
            if labels <= names and len(names) > 1:
                reasons[one.index] = "its labels are the names of speakers"
    rest = [one for one in candidates if one.reason is None]
    if all(one.index in reasons for one in rest):
        return rest
    for one in rest:
        one.reason = reasons.get(one.index)
    return [one for one in rest if one.reason is None]


def _split_by_label(rest: list[_Candidate]) -> list[TierChoice]:
    """Takes the labels of a tier that is alone for speakers, if they all look like names of speakers."""
    if len(rest) != 1 or rest[0].tier.labels is None or rest[0].tier.speaker is not None:
        return []
    tier, codes = rest[0].tier, rest[0].codes
    labels = np.array([label.strip() for label in tier.labels], object)
    names = sorted({label for label, code in zip(labels, codes.tolist(), strict=True) if code >= 0})
    if not 2 <= len(names) <= _MOST_SPEAKERS or not all(map(_SPEAKER_LABEL.fullmatch, names)):
        return []
    silent = codes < 0
    return [
        TierChoice(
            dataclasses.replace(
                tier,
                name=f"{tier.name}: {name}",
                onset=tier.onset[take],
                end=tier.end[take],
                labels=[""] * int(take.sum()),
            ),
            codes[take],
            name,
        )
        for name in names
        for take in [(labels == name) | silent]
    ]


def _speaker_by_name(one: _Candidate) -> str:
    """Returns the participant that the file gives, or the speaker that its name or that of the top tier holds."""
    above = parse_tier_name(one.tier.top).speaker if one.tier.top else ""
    return one.tier.speaker or above or one.name.speaker


def _name_nameless(rest: list[_Candidate]) -> None:
    """Gives tiers whose name holds a level only (`words`, `phones`) one speaker, or each its own name."""
    nameless = [one for one in rest if not one.speaker]
    if not nameless:
        return
    levels = [one.level for one in nameless]
    alone = len(nameless) == len(rest)
    for one in nameless:
        one.speaker = "speaker" if alone and len(set(levels)) == len(levels) else one.tier.name


def _unite_parallel(rest: list[_Candidate]) -> list[_Candidate]:
    """Leaves out all but the finest of the parallel tiers of each speaker."""
    by_speaker: dict[str, list[_Candidate]] = {}
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


def _same_person(a: list[_Candidate], b: list[_Candidate]) -> bool:
    """Tells whether two groups are tiers of one person, by time; never where the file names two participants."""
    if len({one.tier.speaker for one in (*a, *b)} - {None}) > 1:
        return False
    return any(_parallel(one, other) for one in a for other in b)


def _parallel(one: _Candidate, other: _Candidate) -> bool:
    """Tells whether one tier's segments are a finer division of the other's, or the same ones."""
    fine, coarse = (one, other) if len(one.onset) >= len(other.onset) else (other, one)
    if len(coarse.onset) < 2:
        return False
    return _inside(fine, coarse) >= _INSIDE and _covered(fine, coarse) >= _COVERED


def _inside(fine: _Candidate, coarse: _Candidate) -> float:
    """Share of the finer tier's time that lies within segments of the coarser one."""
    total = float(np.sum(fine.end - fine.onset))
    return _overlap(fine, coarse) / total if total else 0.0


def _overlap(a: _Candidate, b: _Candidate) -> float:
    """Seconds that both tiers speak."""
    edges = np.unique(np.concatenate([a.onset, a.end, b.onset, b.end]))
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    both = np.ones(len(middles), bool)
    for one in (a, b):
        started = np.searchsorted(one.onset, middles, side="right")
        ended = np.searchsorted(np.sort(one.end), middles, side="right")
        both &= started > ended
    return float(lengths[both].sum())


def _covered(fine: _Candidate, coarse: _Candidate) -> float:
    """Share of the coarser tier's time from the first onset to the last end of the finer one's segments in each."""
    middles = (fine.onset + fine.end) / 2
    index = np.searchsorted(coarse.onset, middles, side="right") - 1
    valid = index >= 0
    valid[valid] = middles[valid] <= coarse.end[index[valid]]
    first, last = np.full(len(coarse.onset), np.inf), np.full(len(coarse.onset), -np.inf)
    np.minimum.at(first, index[valid], fine.onset[valid])
    np.maximum.at(last, index[valid], fine.end[valid])
    lengths = np.maximum(np.minimum(last, coarse.end) - np.maximum(first, coarse.onset), 0)
    return float(lengths[np.isfinite(lengths)].sum() / np.sum(coarse.end - coarse.onset))


def _take_finest(group: list[_Candidate]) -> list[_Candidate]:
    """Takes the finest tier of a speaker that is speech; tiers that lie elsewhere in time are taken with it."""
    group = [*group]
    for one in group:  # phones without a name that says so
        coarser = [other for other in group if len(other.onset) < len(one.onset)]
        if one.level is None and 0 < one.median < _PHONE and any(_parallel(one, other) for other in coarser):
            one.level = "phone"
    spoken = [one for one in group if len(one.onset)]
    if not spoken:
        for one in group[1:]:
            one.reason = "holds no speech"
        return group[:1]

    many = max(one.different_labels for one in spoken)

    def rank(one: _Candidate) -> tuple[int, int, int]:
        codes = len(one.onset) >= 10 and one.different_labels <= min(
            _FEW_LABELS, len(one.onset) / 2, many / 2
        )
        return 2 if codes and one.level is None else _ORDER[one.level], -len(one.onset), one.index

    best = min(spoken, key=rank)
    longest = max(spoken, key=lambda one: (_ORDER[one.level] <= 1, float(np.sum(one.end - one.onset))))
    if _overlap(best, longest) > 0 and _covered(best, longest) < _COVERED:
        best = longest  # the finer tier annotates a part only
    if best.level is None and any(
        len(best.onset) > _FINER * len(one.onset) and _parallel(best, one)
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
        elif _overlap(one, best) > _PARALLEL * float(np.sum(one.end - one.onset)):
            one.reason = f"parallel to {best.tier.name}"
        else:
            taken.append(one)
    for one in taken:
        one.speaker = taken[0].speaker
    return taken
