"""Mutations of files, as a bad disk, a broken download or a slip of the hand makes them; and reading what they give."""

import collections
import contextlib
import copy
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

from babble_jax.errors import BabbleError
from babble_jax.stimuli.spec.mistakes import SpecError

Mutate = Callable[[bytes, random.Random], bytes]
SEED = os.environ.get("BABBLE_MUTATION_SEED", "0")
"""Seed of the mutations; another one gives others."""
SECONDS = 5.0  # of this process, for each mutated file

DIGITS = "@digits@"  # stands for an integer that no JSON library of Python reads
DEEP: Any = 0
for _ in range(200):
    DEEP = [DEEP]
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3.5, -0.0, 1e-300, 1e300, -1e300, 10**12, -(10**12), 10**300, 2**31, 2**64,
    float("nan"), float("inf"), float("-inf"), "", "x", "1", "nan", "é\ud800\n\x1b[2J", "y" * 10_000,
    [], {}, [[]], {"": {}}, [0] * 10_000, ["x"], DEEP, DIGITS,
)  # fmt: skip


def mutate_bytes(content: bytes, draws: random.Random) -> bytes:
    """Flips bits, cuts, inserts, deletes or repeats bytes."""
    at = draws.randrange(len(content))
    size = draws.choice((1, 1, 2, 8, 100, 5000))
    match draws.randrange(6):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + draws.randbytes(size) + content[at:]
        case 2:
            return content[:at] + content[at + size :]
        case 3:
            return content[: at + size] + content[at:]
        case 4:
            return content[:at] + draws.randbytes(size) + content[at + size :]
    return content[:at] + bytes([content[at] ^ (1 << draws.randrange(8))]) + content[at + 1 :]


def mutate_json(content: bytes, draws: random.Random) -> bytes:
    """Replaces, removes, repeats or adds a value of a file of JSON."""
    values = json.loads(content)
    root = {"": values}
    place, key = draws.choice(list(_places(root, "")))
    match draws.randrange(6):
        case 0 if place is not root:
            del place[key]
        case 1 if isinstance(place, dict):
            place[f"{key}_"] = place[key]
        case 2 if isinstance(place, list):
            place.extend(place[:] * draws.choice((1, 3)))
        case 3 if isinstance(place[key], float | int):
            place[key] = place[key] * draws.choice((-1, 2, 1e3, 1e-3, 1e30))
        case _:
            place[key] = copy.deepcopy(draws.choice(VALUES))
    text = json.dumps(root[""], indent=draws.choice((None, 2)))
    return text.replace(f'"{DIGITS}"', "7" * 5000).encode("utf-8", "surrogatepass")


def _places(values: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yields every container and key of JSON, of long lists the first and the last few."""
    if not isinstance(values, dict | list):
        return
    keys = list(values) if isinstance(values, dict) else range(len(values))
    for one in keys if len(keys) < 12 else [*keys[:3], *keys[-3:]] if isinstance(values, list) else keys:
        yield values, one
        yield from _places(values[one], one)


def mutate_lines(content: bytes, draws: random.Random) -> bytes:
    """Replaces a value, or moves, repeats or drops a line, of a file of TOML."""
    lines = content.decode().split("\n")
    at = draws.randrange(len(lines))
    match draws.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(draws.randrange(len(lines)), lines[at])
        case _:
            value = draws.choice(VALUES)
            text = "7" * 5000 if value == DIGITS else json.dumps(value).replace("NaN", "nan")
            if "=" in lines[at]:
                lines[at] = f"{lines[at].split('=')[0]}= {text.replace('Infinity', 'inf')}"
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def choose(*mutations: Mutate) -> Mutate:
    """Makes a mutation that is one of several, drawn each time."""
    return lambda content, draws: draws.choice(mutations)(content, draws)


def mutate_any(content: bytes, draws: random.Random) -> bytes:
    """Mutates the bytes of a file, or every second time a value where it is JSON."""
    if draws.random() < 0.5:
        with contextlib.suppress(ValueError, IndexError):
            return mutate_json(content, draws)
    return mutate_bytes(content or b" ", draws)


def try_mutations(
    path: Path, read: Callable[[], object], mutate: Mutate, count: int, expected: object = ANY
) -> collections.Counter[str]:
    """Mutates a file again and again and reads it: it is refused in one sentence or read, in seconds.

    Args:
      path: of the file, which is put back in the end.
      read: reads what the file belongs to, and returns what can be compared.
      mutate: makes a mutation.
      count: number of mutations.
      expected: what `read` must return of each file that it does not refuse.

    Returns:
      Counts of "refused", "read" and "same bytes", a mutation that changes nothing; there is nothing else.
    """
    draws, content = random.Random(f"{SEED} {path.name}"), path.read_bytes()
    outcomes: collections.Counter[str] = collections.Counter()
    try:
        for number in range(count):
            mutated = mutate(content, draws)
            path.write_bytes(mutated)
            where = f"mutation {number} of {path.name} with seed {SEED}: {mutated[:1000]!r}"
            start = time.process_time()
            try:
                value = read()
            except BabbleError as error:
                sentence = str(error)
                assert sentence.endswith("."), f"{where}: {sentence}"
                # A specification's report has a line for each mistake; nothing else has a second line.
                lines = sentence.splitlines() if isinstance(error, SpecError) else [sentence]
                assert all(line.isprintable() for line in lines), f"{where}: {sentence}"
                assert all(len(line) < 2000 for line in lines), f"{where}: {sentence}"
                outcomes["refused"] += 1
            except BaseException as error:
                error.add_note(where)
                raise
            else:
                assert expected is ANY or value == expected, f"{where}: read as something else"
                outcomes["same bytes" if mutated == content else "read"] += 1
            assert time.process_time() - start < SECONDS, where
    finally:
        path.write_bytes(content)
    return outcomes
