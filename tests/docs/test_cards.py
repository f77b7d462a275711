"""The model cards are what the files that ship give."""

import importlib.util

from tests.docs.pages import ROOT


def _cards():
    spec = importlib.util.spec_from_file_location("cards", ROOT / "docs" / "cards" / "cards.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(capsys):
    assert _cards().main(["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_differs_is_named(tmp_path, monkeypatch, capsys):
    cards = _cards()
    monkeypatch.setattr(cards, "FOLDER", tmp_path)
    assert cards.main([]) == 0
    (tmp_path / "voices.md").write_text("another text")
    assert cards.main(["--check"]) == 1
    assert "voices.md differ" in capsys.readouterr().err
