"""Joins the files of one conversation: a file for each speaker, or one that was read before.

Axes: P parts of a conversation, each from a file.
"""

import dataclasses
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from babble_jax.conversation.annotation import Annotation
from babble_jax.conversation.conversation import Conversation
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.source import Skip, quote
from babble_jax.plural import plural

_MOST_SPEAKERS = 12
_EQUAL_ENDS = 0.02
"""Share of their length by which the files of a conversation may differ in their ends, to count as equally long."""


class Part(NamedTuple):
    """What one file holds of one conversation.

    Attributes:
      annotation: as the file has it.
      format: its name.
      conversation: as it was understood.
    """

    annotation: Annotation
    format: str
    conversation: Conversation

    @property
    def path(self) -> str:
        """The file."""
        return self.annotation.path

    @property
    def names_speaker(self) -> bool:
        """True where the file may be one speaker's of a conversation, by its name."""
        is_complete = self.annotation.files == "one" and self.annotation.id == Path(self.path).stem
        return is_complete and len(self.conversation.speakers) == 1


class Joined(NamedTuple):
    """Conversations that were joined.

    Attributes:
      conversations: in the order of their first files.
      renamed: (conversation, speaker) of each file that was taken for one speaker's by its name.
      note: how that was found; None where there is none.
      left_out: (file, id) of the parts that are in no conversation.
    """

    conversations: list[Conversation]
    renamed: dict[str, tuple[str, str]]
    note: str | None
    left_out: set[tuple[str, str]]


def join_parts(parts: Sequence[Part], layout: Layout, skipped: list[Skip]) -> Joined:
    """Joins the parts of each conversation.

    A conversation is identified by its corpus and its id. Where it comes again, or another one of the same id has the
    same segments, the first one counts.

    Args:
      parts: [P] in the order of their files.
      layout: what the user says of the names of files.
      skipped: takes a note of each part that is left out: read before, or without the other speaker.
    """
    renamed, note = _speakers_by_name(parts, layout)
    corpora = _corpora_above(renamed)
    left_out: set[tuple[str, str]] = set()
    groups: dict[tuple[str, str], list[Part]] = {}
    path_of: dict[bytes, str] = {}  # by fingerprint
    for part in parts:
        if part.path in renamed and part.names_speaker:
            part = _rename(part, *renamed[part.path], corpora)
        conversation, is_part = part.conversation, part.annotation.files != "one"
        group = groups.setdefault((conversation.corpus, conversation.id), [])
        speakers = {name for other in group for name in other.conversation.speakers}
        fingerprint = _fingerprint(conversation)
        again = group and (
            group[0].annotation.files == "one" or not is_part or bool(speakers & set(conversation.speakers))
        )
        if again or fingerprint in path_of:
            first = group[0].path if again else path_of[fingerprint]
            whose = f", speaker {quote(conversation.speakers[0])}," if is_part else ""
            text = f"conversation {quote(conversation.id)} of {conversation.corpus}{whose}"
            skipped.append(Skip(part.path, None, f"{text} was read before, from {first}"))
            left_out.add((part.path, part.annotation.id))
        else:
            path_of[fingerprint] = part.path
            group.append(part)
    conversations = []
    for group in filter(None, groups.values()):
        first = group[0]
        if first.annotation.files == "pair" and len(group) < 2:
            speaker = quote(first.conversation.speakers[0])
            text = (
                f"conversation {quote(first.conversation.id)} of {first.conversation.corpus} has only speaker"
            )
            text = f"{text} {speaker}"
            skipped.append(Skip(first.path, None, f"{text}: give the other one's file"))
            left_out.add((first.path, first.annotation.id))
        else:
            conversations.append(first.conversation if len(group) == 1 else _join(group))
    return Joined(conversations, renamed, note, left_out)


def _fingerprint(conversation: Conversation) -> bytes:
    """Returns a digest that is equal for the same segments under the same id."""
    digest = hashlib.sha256(repr((conversation.id, conversation.speakers)).encode())
    for array in (conversation.speaker, conversation.onset, conversation.end):
        digest.update(array.tobytes())
    return digest.digest()


def _join(group: Sequence[Part]) -> Conversation:
    """Makes one conversation of parts of one speaker each, its segments by onset."""
    parts = sorted((part.conversation for part in group), key=lambda part: part.speakers)
    onset = np.concatenate([part.onset for part in parts])
    order = np.argsort(onset, kind="stable")
    labels = None
    if all(part.labels is not None for part in parts):
        texts = [label for part in parts for label in part.labels or ()]
        labels = tuple(texts[n] for n in order.tolist())
    starts, ends = zip(*((part.windows[0, 0], part.windows[-1, 1]) for part in parts), strict=True)
    counts = [len(part.speakers) for part in parts]
    offsets = np.cumsum([0, *counts[:-1]])
    return dataclasses.replace(
        parts[0],
        speakers=tuple(name for part in parts for name in part.speakers),
        speaker=np.concatenate(
            [part.speaker + np.int32(shift) for part, shift in zip(parts, offsets, strict=True)]
        )[order],
        onset=onset[order],
        end=np.concatenate([part.end for part in parts])[order],
        mark=np.concatenate([part.mark for part in parts])[order],
        windows=np.array([[min(starts), group[0].annotation.combine_window_ends(ends)]]),
        time_resolution=max(part.time_resolution for part in parts),
        labels=labels,
    )


def _rename(part: Part, conversation: str, speaker: str, corpora: dict[str, str]) -> Part:
    """Makes the part of a conversation of a file that holds one speaker of it.

    Args:
      part: the file.
      conversation: id.
      speaker: name.
      corpora: name of the folder above all files of a conversation, by its id, where these are in several folders.
    """
    before = part.conversation
    own_group = before.group == before.id
    by_folder = before.corpus == Path(part.path).absolute().parent.name
    return Part(
        dataclasses.replace(part.annotation, id=conversation, files="any"),
        part.format,
        dataclasses.replace(
            before,
            id=conversation,
            group=conversation if own_group else before.group,
            speakers=(speaker,),
            corpus=corpora.get(conversation, before.corpus) if by_folder else before.corpus,
        ),
    )


def _corpora_above(renamed: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Names the folder above all files of each conversation whose files are in several folders, by its id."""
    folders: dict[str, set[str]] = {}
    for path, (conversation, _) in renamed.items():
        folders.setdefault(conversation, set()).add(str(Path(path).absolute().parent))
    return {id: Path(os.path.commonpath(own)).name for id, own in folders.items() if len(own) > 1}


def _speakers_by_name(parts: Sequence[Part], layout: Layout) -> tuple[dict[str, tuple[str, str]], str | None]:
    """Finds the conversation and the speaker in the name of each file that holds one speaker; and how, for a note."""
    candidates = [part for part in parts if part.names_speaker]
    if layout.conversation is not None:
        pattern, renamed = re.compile(layout.conversation, re.IGNORECASE), {}
        for part in candidates:
            path = Path(part.path)
            match = pattern.fullmatch(path.stem) or pattern.search(f"{path.parent.name}/{path.stem}")
            if match:
                renamed[part.path] = (match["conversation"], match["speaker"])
        return renamed, None
    renamed, values = {}, set()
    folders: dict[tuple[str, str], list[Part]] = {}
    for part in candidates:
        folders.setdefault((str(Path(part.path).parent), Path(part.path).suffix), []).append(part)
    for group in folders.values():
        names = _differing_token(group)
        renamed |= names
    renamed |= _speakers_by_folder([part for part in candidates if part.path not in renamed])
    values |= {speaker for _, speaker in renamed.values()}
    if not renamed:
        return {}, None
    count = len(set(renamed.values())) and len({conversation for conversation, _ in renamed.values()})
    shown = ", ".join(sorted(values)[:6]) + (", ..." if len(values) > 6 else "")
    return renamed, (
        f"{len(renamed)} files of one speaker each were joined to {plural(count, 'conversation')}, since their names "
        f"differ in {quote(shown)} only; --conversation says it otherwise"
    )


def _speakers_by_folder(parts: Sequence[Part]) -> dict[str, tuple[str, str]]:
    """Finds the conversation and the speaker in the names of files and their folders: (conversation, speaker) by file.

    Either each speaker has a folder, and files of one name are a conversation; or each conversation has a folder, with
    files of the same two or more names. The files of a conversation are equally long; where both fit, neither is taken.

    Args:
      parts: files of one speaker each.
    """
    renamed = {}
    above: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        path = Path(part.path).absolute()
        above.setdefault((str(path.parent.parent), path.suffix), []).append(part)
    for group in above.values():
        names = [(Path(part.path).stem, Path(part.path).absolute().parent.name) for part in group]
        fits = [(stem, folder) for stem, folder in ((0, 1), (1, 0)) if _are_equally_long(group, names, stem)]
        values = {frozenset(own) for own in _members(names, fits[0][0]).values()} if len(fits) == 1 else set()
        if len(fits) == 1 and (fits[0] == (0, 1) or len(values) == 1):
            conversation, speaker = fits[0]
            renamed |= {
                part.path: (name[conversation], name[speaker])
                for part, name in zip(group, names, strict=True)
            }
    return renamed


def _members(names: Sequence[tuple[str, str]], axis: int) -> dict[str, dict[str, int]]:
    """Groups (stem, folder) by one of them; returns by it and by the other one the index."""
    members: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        members.setdefault(name[axis], {})[name[1 - axis]] = index
    return members


def _are_equally_long(parts: Sequence[Part], names: Sequence[tuple[str, str]], axis: int) -> bool:
    """Tells whether the files with one name, or in one folder, are two or more of the same length, for all of several.

    Args:
      parts: the files.
      names: (stem, folder) of each.
      axis: 0 for one name, 1 for one folder.
    """
    groups = [list(own.values()) for own in _members(names, axis).values()]
    if len(groups) < 2 or not all(2 <= len(own) <= _MOST_SPEAKERS for own in groups):
        return False
    ends = [np.array([parts[n].conversation.windows[-1, 1] for n in own]) for own in groups]
    return max(float(np.ptp(one) / max(one.max(), 1e-9)) for one in ends) <= _EQUAL_ENDS


def _differing_token(group: Sequence[Part]) -> dict[str, tuple[str, str]]:
    """Finds the one token by which the names of the files of each conversation differ: (conversation, speaker) by file.

    The token takes the same two or more values in all conversations. Where several would do, it is no number, the files
    that it joins are equally long, its values are few, and it stands late in the name. Where there is but one
    conversation, a number does not do: it may count recordings.
    """
    stems = [Path(part.path).stem for part in group]
    pieces = [re.findall(r"[^\W\d_]+|\d+|[\W_]+", stem) for stem in stems]
    if len(group) < 2 or len({len(one) for one in pieces}) > 1:
        return {}
    choices = []
    for position in range(len(pieces[0])):
        members: dict[tuple[str, ...], dict[str, int]] = {}
        for n, one in enumerate(pieces):
            members.setdefault((*one[:position], *one[position + 1 :]), {})[one[position]] = n
        values = {frozenset(group_values) for group_values in members.values()}
        if len(values) > 1 or not 2 <= len(next(iter(values))) <= _MOST_SPEAKERS:
            continue
        (tokens,) = values
        numeric = all(token.isdigit() for token in tokens)
        if not any(token.isalnum() for token in tokens) or not any(
            piece.isalnum() for piece in next(iter(members))
        ):
            continue
        if numeric and len(members) == 1:
            continue
        ends = np.array(
            [[group[n].conversation.windows[-1, 1] for n in rows.values()] for rows in members.values()]
        )
        unequal = bool(np.median(np.ptp(ends, axis=1) / np.maximum(ends.max(axis=1), 1e-9)) > _EQUAL_ENDS)
        choices.append((numeric, unequal, len(tokens), -position))
    if not choices:
        return {}
    position = -min(choices)[3]
    result = {}
    for part, one in zip(group, pieces, strict=True):
        before, after = "".join(one[:position]), "".join(one[position + 1 :])
        separators = r"[\W_]+"
        if re.search(rf"{separators}$", before) and (not after or re.match(separators, after)):
            before = re.sub(rf"{separators}$", "", before)
        elif not before:
            after = re.sub(rf"^{separators}", "", after)
        result[part.path] = (before + after, one[position])
    return result
