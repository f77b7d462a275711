"""The links of the Markdown pages lead to files of the repository, pictures too."""

import re

import pytest

from tests.docs.pages import ROOT

PAGES = ["README.md", "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / page).read_text("utf-8"))
    relative = [link for link in links if not re.match(r"\w+:", link)]
    assert [link for link in relative if not (ROOT / page).parent.joinpath(link).exists()] == []
