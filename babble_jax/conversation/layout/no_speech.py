"""Leaves out the tiers of a file that are nobody's speech: by their names, by their type, and by what their labels are.

A tier of codes (gaze, gesture phases, dialogue acts) has a few labels again and again, or some dozens, which are no
words of the tiers that have many more; or a few which follow one another without a break. A tier of sections has
segments of a minute and more beside tiers of many.
"""

from collections.abc import Sequence

from babble_jax.conversation.layout.candidates import Candidate
from babble_jax.conversation.layout.containment import are_parallel
from babble_jax.conversation.layout.speaker_labels import names_speakers

FEW_LABELS = 12
"""Different labels at most of a tier of codes that nothing but their number shows."""
_MOST_CODES = 40
"""Different labels at most of a tier of codes that are no words of the tiers beside it."""
_COMPLETE = 0.9
"""Share of the file that one label over the complete file lasts at least."""
_SECTION = 60.0
"""Seconds of the shortest segment of a tier of sections."""
_MANY = 20
"""Segments, from which on a tier is one of many."""
_RICH = 2 * FEW_LABELS
"""Different labels at least of a tier of many."""
_AGAIN = 5
"""Times that each label of a tier of codes comes, on average."""
_CONTINUOUS = 0.95
"""Share of the time from its first onset to its last end that a tier without a break covers."""


def leave_out_no_speech(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leaves out tiers that hold nothing, and those that are no speech, unless no tier would be left."""
    begin = min((one.tier.onset.min() for one in candidates if len(one.tier)), default=0.0)
    finish = max((one.tier.end.max() for one in candidates if len(one.tier)), default=0.0)
    names = {name.casefold() for one in candidates for name in (one.speaker_by_name, one.tier.name)} - {""}
    reasons: dict[int, str] = {}
    for one in candidates:
        if not len(one.tier):
            one.reason = "holds no segment"
        elif reason := _reason_by_name(one) or _reason_by_labels(one, names):
            reasons[one.index] = reason
        elif one.participant is None and len(candidates) > 2 and _is_complete(one, finish - begin):
            reasons[one.index] = "one label over the complete file" if len(one.onset) else "holds no speech"
    speech = [one for one in candidates if one.reason is None and one.index not in reasons and len(one.onset)]
    reasons |= _reasons_beside(speech)
    rest = [one for one in candidates if one.reason is None]
    if all(one.index in reasons for one in rest):
        return rest
    for one in rest:
        one.reason = reasons.get(one.index)
    return [one for one in rest if one.reason is None]


def _reason_by_name(one: Candidate) -> str | None:
    return f"its name says {one.no_speech}" if one.no_speech else one.tier.no_speech


def _reason_by_labels(one: Candidate, names: set[str]) -> str | None:
    if one.tier.closed_vocabulary:
        return "its labels are codes of a fixed vocabulary"
    labels = {label.casefold() for label in one.labels_of_speech()}
    if labels and labels <= names and len(names) > 1 and (len(one.onset) > 1 or not one.speaker_by_name):
        return "its labels are the names of speakers"
    return None


def _is_complete(one: Candidate, seconds: float) -> bool:
    return len(one.tier) == 1 and one.tier.end[0] - one.tier.onset[0] >= _COMPLETE * seconds


def _reasons_beside(candidates: Sequence[Candidate]) -> dict[int, str]:
    """Says, by the index of the tier, which tiers are no speech beside tiers that may be, and why.

    Args:
      candidates: tiers of the file that may be speech and hold some.
    """
    rich = [one for one in candidates if one.different_labels >= _RICH]
    many = sum(len(one.onset) >= _MANY for one in candidates)
    speakers = sum(bool(one.speaker_by_name) for one in candidates)
    reasons = {}
    for one in candidates:
        shortest = float((one.end - one.onset).min())
        if shortest >= _SECTION and len(candidates) > 2 and many > (len(one.onset) >= _MANY):
            reasons[one.index] = f"its segments last {shortest:.0f} s and more"
        elif rich and not (names_speakers(one) and speakers == bool(one.speaker_by_name)):
            labels = _few_labels(one)
            is_few = 2 <= len(labels) <= FEW_LABELS
            if labels and ((is_few and _is_continuous(one)) or _are_no_words(labels, one, rich)):
                reasons[one.index] = "its labels are a few codes"
    return reasons


def _few_labels(one: Candidate) -> set[str]:
    """Lists the labels of a tier, in lower case, if they are few and come again and again; else none."""
    if len(one.onset) < _MANY or one.different_labels > _MOST_CODES + 1:  # one may be empty
        return set()
    labels = {label.casefold() for label in one.labels_of_speech()}
    return labels if 1 <= len(labels) <= _MOST_CODES and len(one.onset) >= _AGAIN * len(labels) else set()


def _are_no_words(labels: set[str], one: Candidate, rich: Sequence[Candidate]) -> bool:
    """Tells whether none of the labels of a tier is a word of the tiers that have many more, of two people or more.

    Args:
      labels: in lower case.
      one: their tier.
      rich: tiers of many labels.
    """
    least = max(_RICH, 2 * len(labels))
    above = [
        other
        for other in rich
        if other is not one and other.different_labels >= least and other.level not in ("phone", "syllable")
    ]
    # Where all are of one person, a tier of few labels may say no more than that the other one speaks.
    if all(are_parallel(above[0], other) for other in above[1:]):
        return False
    texts = (label for other in above for label in other.labels_of_speech())
    return not labels & {word.strip(".,;:!?") for text in texts for word in text.casefold().split()}


def _is_continuous(one: Candidate) -> bool:
    seconds = float((one.end - one.onset).sum())
    return seconds >= _CONTINUOUS * float(one.end.max() - one.onset[0])
