"""The description of the columns, and its copy in the documentation."""

import re
from pathlib import Path

from babble_jax.timing.events.columns import TABLES, columns_text, table_columns

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "tables.md"


def test_the_page_repeats_the_description():
    """`python -c "from babble_jax.timing.events.columns import columns_text; print(columns_text())"` prints it."""
    assert PAGE.read_text("utf-8").endswith(f"\n\n{columns_text()}\n")


def test_names_are_unique_and_definitions_are_whole():
    for name in TABLES:
        columns = table_columns(name, text=True)
        assert len({column.name for column in columns}) == len(columns)
        for column in columns:
            assert re.fullmatch(r"[a-z_0-9]+", column.name)
            assert column.definition[-1] != "."
            assert "|" not in column.definition + column.unit


def test_columns_of_words_are_left_out():
    assert "`text`" in columns_text()
    assert "text`" not in columns_text(text=False)
