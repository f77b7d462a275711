"""Mutations of files, as a bad disk, a broken download or a slip of the hand makes them."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

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


Mutate = Callable[[bytes, random.Random], bytes]
