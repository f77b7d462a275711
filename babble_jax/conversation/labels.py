"""What the label of an interval says of its sound, where annotators mark silence, laughter or noise so.

Nothing else of a label is looked at, and no label is kept.
"""

from babble_jax.conversation.conversation import Mark

SILENT = frozenset({"#", "sil", "silence", "silent", "sp", "pau", "pause", "noise"})
MARKS = {
    "laugh": Mark.LAUGHTER,
    "laughter": Mark.LAUGHTER,
    "vocal_noise": Mark.VOCAL_NOISE,
    "vocalized-noise": Mark.VOCAL_NOISE,
}
LONGEST = 40  # characters of a label that matter


def mark_of(label: str, empty: Mark | None) -> Mark | None:
    """The mark of a labelled stretch, whatever the label's case and with or without brackets (`<sil>`).

    `empty` is the mark of a label that says nothing. None is silence; speech is every label that is neither in
    `SILENT` nor in `MARKS`.
    """
    label = label.strip().strip("<>[](){}").strip().lower()
    if not label:
        return empty
    return None if label in SILENT else MARKS.get(label, Mark.SPEECH)
