"""The measures of `babble judge` that have no value, and why."""

from collections.abc import Mapping


def describe_missing(values: Mapping[str, float | None], reasons: Mapping[str, str]) -> str:
    """Says which measures have no value, and why; nothing where all have one.

    Args:
      values: of the measures, by name.
      reasons: why a measure may have none, by name; those of one reason stand together.

    Returns:
      The end of a sentence.

    Examples:
      >>> describe_missing({"f0": None, "share": 0.5}, {"f0": "there is no voiced sound"})
      '; not measured: f0 (there is no voiced sound)'
    """
    names: dict[str, list[str]] = {}
    for name, value in values.items():
        if value is None:
            names.setdefault(reasons[name], []).append(name)
    parts = [f"{', '.join(group)} ({reason})" for reason, group in names.items()]
    return f"; not measured: {', '.join(parts)}" if parts else ""
