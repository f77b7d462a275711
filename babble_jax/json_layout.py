"""Layout of JSON that holds many numbers: a line for each key of the upper objects, and each list on one line."""

import json
from typing import Any


def format_json(value: Any, indent: int = 2, depth: int | None = None) -> str:
    """Formats JSON values; NaN and infinities are refused, since JSON has none.

    Args:
      value: JSON values.
      indent: spaces before the keys of each further object; with 0 there are no spaces anywhere.
      depth: levels of objects that have a line for each key; None for all.

    Examples:
      >>> print(format_json({"order": 2, "counts": [[0, 1], [1, 3]]}))
      {
        "order": 2,
        "counts": [[0, 1], [1, 3]]
      }
    """
    space = " " if indent else ""

    def on_one_line(part: Any) -> str:
        return json.dumps(part, ensure_ascii=False, allow_nan=False, separators=(f",{space}", f":{space}"))

    def on_lines(part: Any, level: int) -> str:
        if not isinstance(part, dict) or not part or level == depth:
            return on_one_line(part)
        edge, inner = (" " * (indent * one) for one in (level, level + 1))
        rows = (f"{inner}{on_one_line(key)}:{space}{on_lines(one, level + 1)}" for key, one in part.items())
        return "{\n" + ",\n".join(rows) + f"\n{edge}}}"

    return on_lines(value, 0)
