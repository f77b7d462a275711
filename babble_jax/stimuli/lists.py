"""The design of an experiment: which item comes in which condition, in which order, on each list.

Axes: K conditions, L lists, I items.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np


@dataclasses.dataclass(frozen=True)
class Trial:
    """One trial of one list.

    Attributes:
      item: number of the item, from 0; of a catch trial, its number among the catch trials.
      condition: number of the condition; None for a catch trial.
    """

    item: int
    condition: int | None


@dataclasses.dataclass(frozen=True)
class Assignment:
    """Properties that are counterbalanced over items: the same in all conditions of one.

    Attributes:
      start: which of the two speakers speaks first, 0 or 1; None for the one of the plan.
      channel: which of them is on the first channel.
      voice: which of the two voices the first speaker has.
    """

    start: int | None
    channel: int
    voice: int


FACTORS = ("start", "channel", "voice")


def williams_design(conditions: int) -> np.ndarray:
    """Makes orders of the conditions that are balanced for the condition before.

    Every condition stands at every position equally often, and follows every other one equally often.

    Returns:
      [L, K] int64; L is K where K is even, 2 K where it is odd and above 1, for which there is no single square.

    References: E. J. Williams, Aust. J. Sci. Res. A 2 (1949), 149-168.
    """
    first = [0]  # 0, 1, K - 1, 2, K - 2, ...
    for step in range(1, conditions):
        first.append((step + 1) // 2 if step % 2 else conditions - step // 2)
    square = (np.array(first) + np.arange(conditions)[:, None]) % conditions
    if conditions % 2 == 0 or conditions == 1:
        return square
    return np.concatenate([square, square[:, ::-1]])


def draw_lists(items: int, conditions: int, catch: int, seed: int) -> list[list[Trial]]:
    """Draws the lists: each holds every item once, and every item is in every condition equally often over lists.

    Items come in blocks of K, one item in each condition. Within a block the conditions stand in the order of
    the list's row of the Williams design, the item at each position of the block being the same in all lists;
    the order of the blocks is drawn for each list. Catch trials are spread evenly, at random positions,
    never first.

    Args:
      items: a multiple of the number of conditions.
      conditions: their number.
      catch: number of catch trials in each list.
      seed: of the orders.

    Returns:
      [L] lists of trials.
    """
    rng = np.random.default_rng(seed)
    lists = []
    for row in williams_design(conditions):
        trials = []
        for block in rng.permutation(items // conditions):
            trials += [
                Trial(int(block) * conditions + position, int(condition))
                for position, condition in enumerate(row)
            ]
        # One catch trial in each of equal stretches of the list, in front of one of its trials.
        edges = np.linspace(0, items, catch + 1).astype(int)
        for k in reversed(range(catch)):
            low = max(edges[k], 1)
            trials.insert(int(rng.integers(low, max(edges[k + 1], low + 1))), Trial(k, None))
        lists.append(trials)
    return lists


def assign_factors(items: int, conditions: int, factors: tuple[str, ...]) -> list[Assignment]:
    """Assigns to each item who starts, on which channel and with which voice.

    All items of a block (see `draw_lists`) share it, so that in every list each condition meets each
    assignment equally often; over 2^F blocks, F being the number of factors, all combinations come once.

    Args:
      items: their number.
      conditions: their number.
      factors: the `FACTORS` that vary; the others stay.

    Returns:
      [I] assignments.
    """
    combinations = list(itertools.product((0, 1), repeat=len(factors)))
    assignments = []
    for item in range(items):
        value = dict(zip(factors, combinations[item // conditions % len(combinations)], strict=True))
        assignments.append(Assignment(value.get("start"), value.get("channel", 0), value.get("voice", 0)))
    return assignments


def list_constant(assignments: Sequence[Assignment], factors: Sequence[str]) -> list[str]:
    """Lists the factors that are the same in all items: a property of theirs is confounded with every condition.

    Args:
      assignments: [I], of all items.
      factors: the `FACTORS` that are to vary.
    """
    return [name for name in factors if len({getattr(one, name) for one in assignments}) == 1]
