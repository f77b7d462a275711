"""The note of `babble stimuli` on what is not counterbalanced over so few items."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from babble_jax.plural import plural

if TYPE_CHECKING:
    from babble_jax.stimuli.specification import StimulusSpec


def describe_balance(spec: "StimulusSpec", values: dict[str, Any]) -> str:
    """Says which counterbalanced properties are the same in all items, how they are, and with how many items none is.

    Args:
      spec: of stimuli that are not balanced completely.
      values: their manifest.

    Returns:
      A line.
    """
    names, constant = list(spec.balanced), values["counterbalanced"]["constant"]
    multiple = len(spec.conditions) * 2 ** len(names)
    complete = f"balanced completely with a multiple of {multiple} items"
    items = plural(spec.items, "item")
    if not constant:
        verb = "varies, but is" if len(names) == 1 else "vary, but are"
        return f"note: {_join(names)} {verb} balanced in part only with {items}; {complete}"
    real = [one for one in values["stimuli"] if not one["catch"]]
    first = real[0]["channels"][0]  # of the first item, to which the first value of each property is assigned
    subjects = {first["speaker"]}  # several in replays, which keep their speakers
    if "start" in constant:
        subjects |= {one["starts"] for one in real}
    if "channel" in constant:
        subjects |= {one["channels"][0]["speaker"] for one in real}
    pairs = {frozenset(channel["speaker"] for channel in one["channels"]) for one in real}
    subject = first["speaker"] if len(subjects) == len(pairs) == 1 else "the first speaker"
    predicates = {
        "start": "always begins",
        "channel": "is always on the first channel",
        "voice": f"always has the voice {first['voice']}",
    }
    verb = "does" if len(constant) == 1 else "do"
    rest = f"{_join(names)} are" if len(constant) < len(names) else "it is" if len(names) == 1 else "they are"
    always = f"{subject} {_join([predicates[name] for name in constant])}"
    return f"note: {_join(constant)} {verb} not vary with {items}: {always}; {rest} {complete}"


def _join(words: Sequence[str]) -> str:
    """Joins words to a list: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
