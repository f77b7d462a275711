"""Groups the conversations that share people, by the names of the speakers.

A name that comes in several conversations of a corpus is either that of a person (`KB12`, `Anna`) or that of a role or
channel (`A`, `spk1`, `left`, `SPEAKER_00`, `interviewer`). Conversations that share a person are one group, which is
never split between training and test, and which an interval counts once. Roles make no groups.

Axes: C conversations.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence

from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.corpora import has_known_groups
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.source import quote
from babble_jax.plural import plural

LABELS = frozenset({
    "speaker", "spk", "spkr", "sp", "talker", "channel", "chan", "ch", "track", "side", "mic", "microphone", "voice",
    "line", "unknown", "unk",
})  # fmt: skip
"""Words before the number that a diarizer or a recorder gives to each speaker of a recording: `SPEAKER_07`."""
ROLES = LABELS | {
    "participant", "subject", "person", "interlocutor", "left", "right", "links", "rechts", "in", "out", "inbound",
    "outbound", "near", "far", "self", "other", "me", "you", "interviewer", "interviewee", "int", "ivr", "inv",
    "investigator", "experimenter", "exp", "examiner", "moderator", "host", "guest", "anchor", "agent", "user",
    "assistant", "bot", "robot", "system", "human", "machine", "customer", "client", "operator", "caller", "callee",
    "doctor", "patient", "therapist", "teacher", "student", "tutor", "child", "mother", "father", "parent", "chi",
    "mot", "fat", "par", "giver", "follower", "instructor", "confederate", "leader", "matcher", "director", "kchi",
    "och", "fem", "mal", "sprecher", "locuteur", "hablante", "falante", "spreker", "first", "second", "third", "one",
    "two", "male", "female", "man", "woman",
}  # fmt: skip
"""Words that say what a speaker does or where the sound comes from, not who it is."""
_MOST_LABELS = 20
"""Highest number of such a label; beyond, the number tells people apart."""
_SHOWN = 4


def group_by_people(
    conversations: Sequence[Conversation], layout: Layout
) -> tuple[list[Conversation], str | None]:
    """Gives conversations that share people one group, and says how that was guessed.

    Conversations whose corpus says who is in which (AMI, Map Task) keep their groups.

    Args:
      conversations: [C] of any corpora; a name means the same person only within one corpus.
      layout: whose `same_names` says whether names that recur are people; None to guess it.

    Returns:
      The conversations, [C], and a note; None where no name comes twice.
    """
    where: dict[tuple[str, str], list[int]] = {}  # conversations by corpus and name
    for index, one in enumerate(conversations):
        if one.group == one.id and not has_known_groups(one.id):
            for name in one.speakers:
                where.setdefault((one.corpus, name), []).append(index)
    recurrent = {key: rows for key, rows in where.items() if len(rows) > 1}
    if not recurrent:
        return list(conversations), None
    roles = set(recurrent)
    if layout.same_names is None:
        roles = _find_roles(where, conversations) & roles
    elif layout.same_names == "people":
        roles = set()
    people = [key for key in recurrent if key not in roles]
    groups = _unite([recurrent[key] for key in people], len(conversations))
    result = [
        one if first == index else dataclasses.replace(one, group=conversations[first].group)
        for index, (one, first) in enumerate(zip(conversations, groups, strict=True))
    ]
    if layout.same_names is not None:
        return result, None
    return result, _describe(people, sorted(roles), len(result), len({one.group for one in result}))


def _find_roles(
    names: Iterable[tuple[str, str]], conversations: Sequence[Conversation]
) -> set[tuple[str, str]]:
    """Finds the names, by corpus, that are of roles or channels, or that only number the speakers of a conversation.

    Args:
      names: (corpus, name) of all speakers.
      conversations: [C] that they speak in.
    """
    parsed = {key: _parse_name(key[1]) for key in names}
    numbering = _find_numbering(parsed, conversations)
    roles = set()
    for (corpus, name), (stem, number) in parsed.items():
        words = stem.split()
        if number is None:
            plain = all(len(word) == 1 or word in ROLES for word in words)
            is_role = plain and len(words) < 3 and not any(map(str.isdigit, name))
        else:
            is_role = (corpus, stem) in numbering
        if is_role:
            roles.add((corpus, name))
    return roles


def _parse_name(name: str) -> tuple[str, int | None]:
    """Parses a name into its words in small letters and its number; None where it has none, or several."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    numbers = re.findall(r"[0-9]+", name)
    return " ".join(words).casefold(), int(numbers[0][:9]) if len(numbers) == 1 else None


def _find_numbering(
    parsed: dict[tuple[str, str], tuple[str, int | None]], conversations: Sequence[Conversation]
) -> set[tuple[str, str]]:
    """Finds the words, by corpus, whose numbers count the speakers of each conversation anew.

    The numbers are no higher than the speakers are many, and every conversation has the lowest one; or the words are
    those of a diarizer.

    Args:
      parsed: words and number by corpus and name.
      conversations: [C] of the speakers.
    """
    numbers: dict[tuple[str, str], list[set[int]]] = {}  # of each conversation, by corpus and words
    most: dict[str, int] = {}
    for one in conversations:
        most[one.corpus] = max(most.get(one.corpus, 0), len(one.speakers))
        own: dict[str, set[int]] = {}
        for name in one.speakers:
            stem, number = parsed.get((one.corpus, name), ("", None))
            if number is not None:
                own.setdefault(stem, set()).add(number)
        for stem, some in own.items():
            numbers.setdefault((one.corpus, stem), []).append(some)
    numbering = set()
    for (corpus, stem), each in numbers.items():
        values = set().union(*each)
        diarized = stem != "" and all(word in LABELS for word in stem.split()) and max(values) <= _MOST_LABELS
        if diarized or (max(values) <= most[corpus] and all(min(values) in some for some in each)):
            numbering.add((corpus, stem))
    return numbering


def _unite(rows: Iterable[Sequence[int]], count: int) -> list[int]:
    """Unites conversations that share a person; returns for each, [C], the first one of its group."""
    first = list(range(count))

    def find(index: int) -> int:
        while first[index] != index:
            first[index] = first[first[index]]
            index = first[index]
        return index

    for own in rows:
        for other in own[1:]:
            a, b = sorted((find(own[0]), find(other)))
            first[b] = a
    return [find(index) for index in range(count)]


def _describe(
    people: Sequence[tuple[str, str]], roles: Sequence[tuple[str, str]], count: int, groups: int
) -> str:
    parts = []
    if people:
        names, are = _list(people)
        parts.append(
            f"{names} in several conversations {are} taken for the same {'person' if are == 'is' else 'people'}: "
            f"{plural(count, 'conversation')} in {plural(groups, 'group')} that share nobody; --same-names roles says "
            "otherwise"
        )
    if roles:
        names, are = _list(roles)
        what = (
            "a role or channel, not for one person"
            if are == "is"
            else "roles or channels, not for the same people"
        )
        parts.append(
            f"{names} in several conversations {are} taken for {what}; --same-names people says otherwise"
        )
    return "; ".join(parts)


def _list(keys: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Lists names, the first few of them; returns their verb, too."""
    names = list(dict.fromkeys(name for _, name in keys))
    shown = ", ".join(map(quote, names[:_SHOWN]))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"the {'name' if len(names) == 1 else 'names'} {shown}{more}", "is" if len(names) == 1 else "are"
