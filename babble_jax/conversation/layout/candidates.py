"""A tier that the rules judge: its name taken apart, its segments of sound in order, and what was decided of it.

Axes: N segments of a tier.
"""

import dataclasses

import numpy as np

from babble_jax.conversation.annotation import Tier
from babble_jax.conversation.layout.tier_names import NOBODY, Level, TierName, parse_tier_name


@dataclasses.dataclass(eq=False)
class Candidate:
    """A tier that may be taken for speech.

    Attributes:
      tier: as the file has it.
      codes: [N] int8 class of each label (`labels`).
      name: of the tier, taken apart.
      index: of the tier in its file.
      speaker: whose it is, as far as the rules have come.
      reason: why it is left out; None as long as it is not.
      level: that its segments are at; None where nothing says it.
      named: whether `speaker` is more than the name of a level.
    """

    tier: Tier
    codes: np.ndarray
    name: TierName
    index: int
    speaker: str = ""
    reason: str | None = None
    level: Level | None = None
    named: bool = True

    def __post_init__(self):
        speaker = self.tier.speaker
        self.participant = None if speaker is None or speaker.casefold() in NOBODY else speaker
        above = parse_tier_name(self.tier.top) if self.tier.top else None
        self.speaker_by_name = self.participant or (above and above.speaker) or self.name.speaker
        self.no_speech = self.name.no_speech or (above and above.no_speech)
        self.different_labels = len(set(self.tier.labels)) if self.tier.labels is not None else 0
        speech = (self.codes >= 0) & (self.tier.end > self.tier.onset)
        order = np.argsort(self.tier.onset[speech], kind="stable")
        self.onset, self.end = self.tier.onset[speech][order], self.tier.end[speech][order]
        self.level = self.name.level

    def labels_of_speech(self) -> list[str]:
        """Lists the labels that are no silence and no noise, in the order of the tier."""
        pairs = zip(self.tier.labels or (), self.codes.tolist(), strict=self.tier.labels is not None)
        return [label.strip() for label, code in pairs if code >= 0]

    @property
    def median(self) -> float:
        """Seconds of its median segment."""
        return float(np.median(self.end - self.onset)) if len(self.onset) else 0.0
