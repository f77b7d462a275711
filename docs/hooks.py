"""What `mkdocs build` makes besides the pages in this folder.

- copies of the pictures of `experiments/results` that pages show;
- copies of the notebooks, with a link that opens them in Colab where the project has an address;
- the reference of each room, a page with the docstrings of its modules, and of the `babble` command;
- the pages `contributing.md` and `changelog.md`, from the files in the root of the repository.

Nothing is written into this folder: the files exist in the built site only. The pages link what lies outside of it by
its place in the repository, so that the links work there, too; here they are changed to the copies.
"""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "experiments" / "results"
FIGURES = "results/figures"
"""Folder of the site that holds the copies of the pictures."""
ROOT_PAGES = ("CONTRIBUTING", "CHANGELOG")
"""Pages in the root of the repository, without their ending."""
PICTURE = "demo-timeline.png"
"""The picture of the README and of the first page."""

NOTEBOOKS = "notebooks"
"""Folder of the site that holds the copies of the notebooks."""

ROOMS = {
    "audio": "Waveforms: reading and writing, quantizers, loudness, pitch, acoustic units, detection of speech.",
    "conversation": "Readers and writers of conversations, one module per format.",
    "timing": "Dialogue events, distributions of floor-transfer offsets, the floor, prediction, manipulation, "
    "evaluation.",
    "dataset": "Recordings into batches.",
    "voice": "Raw-audio models, their conditioning and their samplers.",
    "synthesis": "Sound made by this project, with the timing of speech: 8-bit sounds, sung vowels, sampled notes.",
    "tacotron": "Phones into spectrograms: Tacotron and Tacotron 2, what they are told, words that mean nothing.",
    "ear": "Sound into phones or letters with times: network, decoding, alignment, as a whole or as it comes.",
    "pretrained": "Voices on disk, opened by name or folder.",
    "judge": "Measures of speech-likeness.",
    "train": "Training: a trainer that knows no model (state, step, devices, checkpoints, hooks), and tasks, one for "
    "each kind of model.",
    "dialogue": "Two babblers on disk: plan, sound, annotation, pictures.",
    "agent": "One seat of a live conversation: hearing, decisions, voices, sessions on disk, the page.",
    "stimuli": "Experiments with people: specification, lists, conditions.",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Links the repository where the project has an address."""
    config.repo_url = address() or None  # pyright: ignore[reportAttributeAccessIssue]
    return config


def address() -> str:
    """The address of the project's repository; empty while it has none."""
    sys.path.insert(0, str(ROOT))
    import babble_jax

    return babble_jax.__url__


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pictures and the generated pages."""
    sys.path.insert(0, str(ROOT))
    from experiments.report import pages

    for name in [*pages.picture_names(), PICTURE]:
        files.append(File.generated(config, f"{FIGURES}/{name}", abs_src_path=str(RESULTS / name)))
    for path in sorted((ROOT / "colab").glob("*.ipynb")):
        files.append(File.generated(config, f"{NOTEBOOKS}/{path.name}", abs_src_path=str(path)))
    for room, line in ROOMS.items():
        files.append(File.generated(config, f"reference/{room}.md", content=reference(room, line)))
    files.append(File.generated(config, "reference/command.md", content=command()))
    for name in ROOT_PAGES:
        text = (ROOT / f"{name}.md").read_text("utf-8")
        files.append(File.generated(config, f"{name.lower()}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Changes the links of a page to what lies outside of this folder into links to the copies in the site."""
    return link_copies(link_colab(markdown, address()), page.file.src_uri)


def link_colab(markdown: str, url: str) -> str:
    """Adds to each link to a notebook one that opens it in Colab.

    Args:
      markdown: text of the page.
      url: address of the repository; nothing is added where it is not on GitHub, from which Colab reads.
    """
    if not url.startswith("https://github.com/"):
        return markdown
    colab = url.removesuffix(".git").replace(
        "https://github.com/", "https://colab.research.google.com/github/"
    )
    link = rf"\g<0> ([open in Colab]({colab}/blob/main/colab/\g<1>))"
    return re.sub(r"\[[^]]+\]\([./]*/colab/([^/)]+\.ipynb)\)", link, markdown)


def link_copies(markdown: str, page: str) -> str:
    """Returns the text of a page with its links to pictures and root pages as the site needs them.

    Args:
      markdown: text of the page.
      page: path of the page in this folder, such as `howto/stimuli.md`.
    """
    up = "../" * page.count("/")
    outside = re.escape(f"{up}../")
    text = re.sub(rf"\]\({outside}experiments/results/([^/)]+\.png)\)", rf"]({up}{FIGURES}/\1)", markdown)
    text = re.sub(rf"\]\({outside}colab/([^/)]+\.ipynb)\)", rf"]({up}{NOTEBOOKS}/\1)", text)
    return re.sub(
        rf"\]\({outside}({'|'.join(ROOT_PAGES)})\.md", lambda match: f"]({up}{match[1].lower()}.md", text
    )


def reference(room: str, line: str) -> str:
    """The page of a room: a heading and the docstrings of each module that has public names."""
    parts = [f"# babble_jax.{room}", line]
    for path in sorted((ROOT / "babble_jax" / room).rglob("*.py")):
        if re.search(r"^(def|class) [A-Za-z]", path.read_text("utf-8"), re.MULTILINE):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            parts.append(
                f"## {module.split('.', 2)[2]}\n\n::: {module}\n    options:\n      heading_level: 3\n"
                "      show_root_heading: false\n      show_root_toc_entry: false"
            )
    return "\n\n".join(parts) + "\n"


def command() -> str:
    """The page of the `babble` command: the help of each verb."""
    sys.path.insert(0, str(ROOT))
    from babble_jax import cli
    from babble_jax.cli.verbs import VERBS

    parts = ["# The babble command", "The help of each verb, as `babble VERB --help` prints it."]
    for words in ([], *(verb.split() for verb in VERBS)):
        printed = io.StringIO()
        os.environ |= {"COLUMNS": "96", "NO_COLOR": "1"}
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            cli.main([*words, "--help"])
        parts += [f"## {' '.join(['babble', *words])}", f"```text\n{printed.getvalue()}```"]
    return "\n\n".join(parts) + "\n"
