"""The code of the README, the tutorials and the how-to pages runs as it stands there, at small sizes.

The slow ones run in `.ci/run`, too.
"""

import pytest

from tests.docs.pages import ROOT, blocks, run_page

FAST = ["README.md", "docs/howto/read-a-corpus.md"]
SLOW = [
    "docs/tutorials/dialogue.md",
    "docs/tutorials/corpus.md",
    "docs/tutorials/voice.md",
    "docs/howto/dialogue-research.md",
    "docs/howto/small-corpus.md",
    "docs/howto/large-corpora.md",
    "docs/howto/tables.md",
    "docs/howto/stimuli.md",
    "docs/howto/run-an-experiment.md",
    "docs/howto/how-human.md",
    "docs/howto/voice-agents.md",
    "docs/howto/live-timing.md",
    "docs/howto/words.md",
    "docs/howto/speak-phones.md",
    "docs/howto/control.md",
    "docs/howto/other-sounds.md",
    "docs/howto/audio-generation.md",
    "docs/howto/launch.md",
    "docs/howto/dashboards.md",
]


@pytest.mark.parametrize("page", [*FAST, *(pytest.param(page, marks=pytest.mark.slow) for page in SLOW)])
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert any(run_page(page, tmp_path, capsys)), "nothing was printed"


def test_every_page_with_code_is_run():
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")} | {"README.md"}
    with_code = {page for page in pages if any(block.run is not None for block in blocks(page))}
    assert with_code == {*FAST, *SLOW}


def test_the_readme_begins_with_the_two_commands():
    first, second = [block for block in blocks("README.md") if block.kind == "sh"][:2]
    assert first.code == "pip install . && babble demo --out babble-demo\n"
    assert second.code == "pip install '.[test]' && python -m pytest -n auto --dist loadfile\n"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= 900


class TestPages:
    """What `pages` makes of blocks."""

    def test_a_block_is_taken_as_it_stands(self):
        (block,) = blocks("page", "# Title\n\n```sh\nbabble timings\n```\n")
        assert (block.kind, block.code, block.run, block.line) == (
            "sh", "babble timings\n", "babble timings\n", 4,
        )  # fmt: skip

    def test_a_comment_makes_it_smaller(self):
        text = '<!-- in tests: "60" -> "2" -->\n```sh\nbabble demo --seconds 60\n```\n'
        assert blocks("page", text)[0].run == "babble demo --seconds 2\n"

    def test_a_comment_that_replaces_nothing_is_an_error(self):
        with pytest.raises(AssertionError, match="not in the block"):
            blocks("page", '<!-- in tests: "61" -> "2" -->\n```sh\nbabble demo --seconds 60\n```\n')

    def test_a_block_may_be_left_out_with_a_reason(self):
        assert blocks("page", "<!-- not run: hours -->\n```sh\nbabble train\n```\n")[0].run is None
