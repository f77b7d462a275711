"""The question that a listener answers after each item, with one key."""

from typing import Annotated, Literal

import pydantic.dataclasses
from pydantic import Field

from babble_jax.stimuli.spec.keys import STRICT


@pydantic.dataclasses.dataclass(config=STRICT, frozen=True)
class Question:
    """A question, as the table `[question]` of a specification has it.

    Attributes:
      text: of the question.
      keys: the answer by its key: a character (`f = "too early"`), or `space`, `left`, `right`, `up`, `down`,
        `enter`.
      instructions: text in front of the first item.
      title: of the page.
      consent: text that a participant agrees to before anything else; empty for none.
      thanks: text behind the last item.
      practice: number of items that come first for practice, and again in their places.
      break_every: items between two breaks; 0 for none.
      early: whether an answer counts while the sound plays.
      order: `random`, another for each participant, or that of the `list`.
    """

    text: Annotated[str, Field(min_length=1)]
    keys: Annotated[dict[str, str], Field(min_length=1)]
    instructions: str = ""
    title: Annotated[str, Field(min_length=1)] = "Listening experiment"
    consent: str = ""
    thanks: str = ""
    practice: Annotated[int, Field(ge=0, le=1000)] = 0
    break_every: Annotated[int, Field(ge=0)] = 0
    early: bool = False
    order: Literal["random", "list"] = "random"


KEY_NAMES = ("space", "left", "right", "up", "down", "enter")
"""Keys of more than one character."""


def find_unknown_keys(question: Question) -> list[str]:
    """Lists the keys of a question that no keyboard has: neither one character nor one of `KEY_NAMES`."""
    return [key for key in question.keys if len(key.strip()) != 1 and key not in KEY_NAMES]
