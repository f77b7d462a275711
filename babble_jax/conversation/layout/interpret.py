"""Turns the annotation of a file into the segments of its speakers, and says how it was understood.

Axes: N segments.
"""

import collections
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from babble_jax.conversation.annotation import SILENCE, Annotation, Tier
from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.conversation.corpora import infer_corpus
from babble_jax.conversation.layout.labels import NOISE, LabelClasses, classify_by_pattern
from babble_jax.conversation.layout.layout import Layout
from babble_jax.conversation.layout.tiers import TierChoice, choose_tiers
from babble_jax.conversation.source import estimate_time_resolution

_TILES = 0.95
"""Share of a tier's segments that begin where another ends, from which on its empty ones are silence."""
_TOUCH = 0.0015  # seconds
_CLASSES = {
    SILENCE: "silence",
    int(Mark.LAUGHTER): "laughter",
    NOISE: "noise",
    int(Mark.VOCAL_NOISE): "noise",
}


@dataclasses.dataclass(frozen=True)
class TierReading:
    """How a tier was understood.

    Attributes:
      file: that it is in.
      format: of the file.
      conversation: id.
      tier: its name.
      speaker: whose speech it is; None where it was left out.
      segments: number of those of sound.
      seconds: sum of their durations.
      silence: number of segments by label that were taken for silence.
      laughter: the same for laughter.
      noise: the same for noise.
      reason: why it was left out; None where it was taken.
    """

    file: str
    format: str
    conversation: str
    tier: str
    speaker: str | None
    segments: int
    seconds: float
    silence: dict[str, int] = dataclasses.field(default_factory=dict)
    laughter: dict[str, int] = dataclasses.field(default_factory=dict)
    noise: dict[str, int] = dataclasses.field(default_factory=dict)
    reason: str | None = None


def interpret(
    annotation: Annotation, format: str, layout: Layout, text: bool = False
) -> tuple[Conversation | None, list[TierReading]]:
    """Makes the conversation, or the part of it, that a file holds.

    Args:
      annotation: of the file.
      format: its name.
      layout: what the user says of it.
      text: whether to keep the labels.

    Returns:
      The conversation, None where no tier was taken; and how each tier was understood.
    """
    codes = [_classify(tier, annotation, layout) for tier in annotation.tiers]
    if annotation.speakers_known and layout.tiers is None and layout.not_tiers is None:
        choices = [
            TierChoice(tier, code, None if tier.no_speech else tier.speaker or tier.name, tier.no_speech)
            for tier, code in zip(annotation.tiers, codes, strict=True)
        ]
    else:
        choices = choose_tiers(annotation.tiers, codes, layout)
    readings = [_describe(choice, annotation, format) for choice in choices]
    selection = [choice for choice in choices if choice.speaker is not None]
    return (_assemble(annotation, selection, text) if selection else None), readings


def _classify(tier: Tier, annotation: Annotation, layout: Layout) -> np.ndarray:
    """Classifies the segments of a tier: [N] int8, values of `Mark`, `SILENCE` and `NOISE`."""
    if tier.marks is not None:
        codes = tier.marks
        if tier.labels is not None and (layout.silence or layout.laughter or layout.noise):
            codes = codes.copy()
            by_pattern = {label: classify_by_pattern(layout, label) for label in set(tier.labels)}
            for n, label in enumerate(tier.labels):
                if by_pattern[label] is not None:
                    codes[n] = by_pattern[label]
        return codes
    if tier.labels is None:
        return np.zeros(len(tier), np.int8)
    silent = annotation.empty == "silence" or (annotation.empty == "either" and _tiles(tier))
    return LabelClasses(layout, SILENCE if silent else int(Mark.SPEECH)).classify(tier.labels)


def _tiles(tier: Tier) -> bool:
    """Tells whether a tier divides all its time into segments, some with text and some without."""
    assert tier.labels is not None
    empty = sum(not label.strip() for label in tier.labels)
    if not 0 < empty < len(tier) or len(tier) < 3:
        return False
    order = np.argsort(tier.onset, kind="stable")
    touches = np.abs(tier.onset[order][1:] - tier.end[order][:-1]) <= _TOUCH
    return bool(touches.mean() >= _TILES)


def _describe(choice: TierChoice, annotation: Annotation, format: str) -> TierReading:
    tier, codes = choice.tier, choice.codes
    speech = codes >= 0
    counts = {name: {} for name in ("silence", "laughter", "noise")}
    if tier.labels is not None:
        special = np.flatnonzero(codes != Mark.SPEECH)
        pairs = collections.Counter(
            zip(codes[special].tolist(), (tier.labels[n] for n in special.tolist()), strict=True)
        )
        for (code, label), count in pairs.most_common():
            counts[_CLASSES[code]][label.strip()] = counts[_CLASSES[code]].get(label.strip(), 0) + count
    return TierReading(
        annotation.path,
        format,
        annotation.id,
        tier.name,
        choice.speaker,
        int(np.count_nonzero(speech)),
        float(np.sum(tier.end[speech] - tier.onset[speech])),
        **counts,
        reason=choice.reason,
    )


def _assemble(annotation: Annotation, choices: Sequence[TierChoice], text: bool) -> Conversation:
    """Puts the tiers that were taken into one conversation, its segments by onset."""
    speakers = tuple(sorted({str(choice.speaker) for choice in choices}))
    index = {name: n for n, name in enumerate(speakers)}
    tiers = [choice.tier for choice in choices]
    onset = np.concatenate([tier.onset for tier in tiers])
    end = np.concatenate([tier.end for tier in tiers])
    codes = np.concatenate([choice.codes for choice in choices])
    speaker = np.repeat(
        np.array([index[str(choice.speaker)] for choice in choices], np.int32), [len(tier) for tier in tiers]
    )
    windows = annotation.windows
    if windows is None:
        windows = [(float(onset.min()), float(end.max())) if len(onset) else (0.0, 0.0)]
    order = np.argsort(onset, kind="stable")
    order = order[codes[order] >= 0]
    labels = None
    if text:
        words = [label for tier in tiers for label in (tier.labels or [""] * len(tier))]
        labels = tuple(words[n].strip() for n in order.tolist())
    corpus = annotation.corpus or infer_corpus(annotation.id, _folders(annotation.path))
    resolution = annotation.time_resolution
    words = any(choice.level == "word" for choice in choices)
    return Conversation(
        id=annotation.id,
        corpus=corpus.name,
        speakers=speakers,
        speaker=speaker[order],
        onset=onset[order],
        end=end[order],
        mark=codes[order].astype(np.uint8),
        unit="word" if words else annotation.unit,
        language=annotation.language or corpus.language,
        group=corpus.group,
        windows=np.array(windows, np.float64),
        time_resolution=estimate_time_resolution(onset[order]) if resolution is None else resolution,
        labels=labels,
    )


def _folders(path: str) -> tuple[str, ...]:
    return tuple(parent.name for parent in Path(path).absolute().parents)[:-1]
