"""The layout of JSON: what comes back is what was given, and each list is one line."""

import json

import pytest

from babble_jax.json_layout import format_json

VALUES = {"name": "ü", "rows": [[0, 1.5], [{"a": 2}, None]], "inner": {"low": {"x": [1, 2]}, "empty": {}}}


@pytest.mark.parametrize("indent", [0, 2])
@pytest.mark.parametrize(("depth", "lines"), [(0, 1), (1, 5), (2, 8), (None, 10)])
def test_lists_and_what_lies_deep_are_on_one_line(indent, depth, lines):
    text = format_json(VALUES, indent, depth)
    assert json.loads(text) == VALUES
    assert len(text.splitlines()) == lines
    assert (" " in text) == (indent > 0)


def test_what_json_has_not_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        format_json({"x": [float("nan")]})
