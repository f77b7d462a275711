"""Labels of intervals, where annotators mark silence, laughter or noise by them.

Nothing else of a label is looked at, and no label is stored.
"""

from babble_jax.conversation.conversation import Mark

SILENT = frozenset({"#", "sil", "silence", "silent", "sp", "pau", "pause", "noise"})
MARKS = {
    "laugh": Mark.LAUGHTER,
    "laughter": Mark.LAUGHTER,
    "vocal_noise": Mark.VOCAL_NOISE,
    "vocalized-noise": Mark.VOCAL_NOISE,
}
MAX_LABEL_LENGTH = 40
"""Characters of a label that matter."""


def classify_label(label: str, empty: Mark | None) -> Mark | None:
    """Returns the mark of a labelled interval, whatever the label's case and with or without brackets (`<sil>`).

    Args:
      label: as it stands in the file.
      empty: the mark of a label without text.

    Returns:
      None for silence; speech for every label that is neither in `SILENT` nor in `MARKS`.
    """
    label = label.strip().strip("<>[](){}").strip().lower()
    if not label:
        return empty
    return None if label in SILENT else MARKS.get(label, Mark.SPEECH)
