"""The pages of results: the committed ones are what the JSON files give; formats of numbers and sources."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.report import families, floor, pages, paper, results, tables, voice_sections, voices
from experiments.report.__main__ import main
from experiments.report.catalogue import CATALOGUE
from experiments.report.names import FAMILIES, shown
from experiments.report.quality import minutes_to
from experiments.report.results import RESULTS, ReportError, read

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generated():
    return pages.generate(read())


@pytest.fixture
def folder(tmp_path):
    """A copy of the JSON files."""
    copy = tmp_path / "results"
    copy.mkdir()
    for path in RESULTS.glob("*.json"):
        shutil.copy(path, copy)
    return copy


def change(folder, name, **values):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def test_the_committed_pages_are_what_the_results_give(generated):
    assert pages.differing(generated) == [], f"run {pages.COMMAND}"
    assert {path.name for path in pages.DOCS.glob("*.md")} == set(generated)


def test_check_names_the_page_that_differs_and_the_command(folder, tmp_path, capsys):
    where = ["--results", str(folder), "--docs", str(tmp_path / "docs")]
    assert main(where) == 0
    assert main([*where, "--check"]) == 0
    assert capsys.readouterr().err == ""
    (tmp_path / "docs" / "floor.md").write_text("another text", "utf-8")
    assert main([*where, "--check"]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "docs/floor.md differs" in message
    assert "python -m experiments.report" in message
    (tmp_path / "docs" / "paper.md").unlink()
    assert main([*where, "--check"]) == 1
    assert "paper.md" in capsys.readouterr().err


def test_a_changed_result_changes_its_page(folder, generated):
    change(folder, "babblers_release", megabytes=5.31)
    changed = pages.generate(read(folder))
    assert [name for name in changed if changed[name] != generated[name]] == ["voices.md"]
    assert "5.3 MB" in changed["voices.md"]


def test_a_result_says_its_commit_or_that_none_is_recorded(folder):
    for path in folder.glob("*.json"):
        values = json.loads(path.read_text("utf-8"))
        values.pop("commit", None)
        values.pop("file_commit", None)
        path.write_text(json.dumps(values), "utf-8")
    without = pages.generate(read(folder))
    source = "Source: `switchboard_events`, commit not recorded. Command: `BABBLE_CORPORA=CORPORA python"
    assert source in without["events.md"]
    assert f"0 of {len(CATALOGUE)} files name it" in without["index.md"]
    change(folder, "switchboard_events", file_commit=40 * "b")
    file = f"commit not recorded (file of `{12 * 'b'}`). Command"
    assert file in pages.generate(read(folder))["events.md"]
    for name in CATALOGUE:
        change(folder, name, commit="0123456789abcdef0123456789abcdef01234567")
    with_commit = pages.generate(read(folder))
    change(folder, "switchboard_events", commit=f"{40 * 'a'}-dirty")
    assert f"commit `{12 * 'a'}-dirty`" in pages.generate(read(folder))["events.md"]
    assert source.replace("not recorded", "`0123456789ab`") in with_commit["events.md"]
    assert f"{len(CATALOGUE)} of {len(CATALOGUE)} files name it" in with_commit["index.md"]
    assert not any("not recorded" in text for text in with_commit.values())


def test_every_table_is_followed_by_its_source(generated):
    for name, text in generated.items():
        tables_seen = sources = 0
        for block in text.split("\n\n"):
            if block.startswith("| "):
                assert tables_seen == sources, f"{name}: a table without a source before {block[:80]}"
                tables_seen += 1
            sources += block.startswith("Source")
        assert tables_seen == sources + (name == "index.md"), name


def test_no_page_shows_what_is_no_number(generated, folder):
    for text in generated.values():
        assert not re.search(r"\b(nan|NaN|None|null)\b|\binf\b(?!\.)", text)
        assert not re.search(r"(?<![\w.])-0(\.0+)?(?![\w.])", text)
    change(folder, "babblers_judged", temperature=float("nan"))
    assert "temperature of n/a" in pages.generate(read(folder))["voices.md"]


def test_every_result_is_on_its_page_and_every_picture_is_there(generated):
    for name, entry in CATALOGUE.items():
        assert f"`{name}`, commit" in generated[f"{entry.page}.md"]
    shown_pictures = pages.picture_names()
    assert shown_pictures == sorted(set(shown_pictures))
    assert all((RESULTS / name).is_file() for name in shown_pictures)
    alts = re.findall(r"!\[([^]]*)\]", "\n".join(generated.values()))
    assert len(alts) >= len(shown_pictures)
    assert all(len(alt) > 20 for alt in alts)


def test_commands_name_modules_that_exist():
    for entry in CATALOGUE.values():
        for module, launched in re.findall(r"python -m (\S+)(?: (\w+))?", entry.command):
            assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), entry.command
            if module == "experiments.launch":
                assert list((ROOT / "experiments").rglob(f"{launched}.py")), entry.command


def test_a_missing_broken_or_unlisted_result_is_one_sentence(folder, tmp_path, capsys):
    (folder / "vad_bias.json").write_text("{", "utf-8")
    with pytest.raises(ReportError, match=r"vad_bias\.json is no JSON file"):
        read(folder)
    (folder / "vad_bias.json").unlink()
    assert main(["--results", str(folder), "--docs", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "vad_bias.json is missing" in message
    assert "`python -m experiments.launch vad_bias`" in message
    (folder / "another.json").write_text("{}", "utf-8")
    with pytest.raises(ReportError, match=r"another\.json is on no page"):
        read(folder)


def test_the_report_needs_no_jax():
    code = (
        "import sys; from experiments.report import pages; pages.picture_names(); "
        "print({'jax', 'numpy', 'babble_jax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tables.number(1234.56, 1), "1,234.6"),
        (tables.number(-0.0004, 3), "0.000"),
        (tables.number(-0.0006, 3), "-0.001"),
        (tables.number(2194), "2,194"),
        (tables.number(None, 2), "n/a"),
        (tables.number(float("nan"), 2), "n/a"),
        (tables.significant(172698.9), "173,000"),
        (tables.significant(-1234.56, 2), "-1,200"),
        (tables.significant(0.0012345, 2), "0.0012"),
        (tables.significant(9.996), "10.0"),
        (tables.significant(0), "0"),
        (tables.significant(None), "n/a"),
        (tables.percent(0.3777, 1), "37.8 %"),
        (tables.percent(1.0), "100 %"),
        (tables.milliseconds(0.10475), "105 ms"),
        (tables.milliseconds(-0.0942), "-94 ms"),
        (tables.span((0.772, 0.8893), 2), "0.77 to 0.89"),
        (tables.with_error(0.0522, 0.00368, 3), "0.052 ± 0.004"),
        (tables.with_error(0.0522, None, 3), "0.052"),
        (tables.bold("1"), "**1**"),
        (tables.listed(["a", "b", "c"]), "a, b and c"),
        (tables.listed(["a"]), "a"),
        (tables.listed([]), "none"),
        (tables.table(["a", "b"], [["x|y", "2"]]), "| a | b |\n| --- | ---: |\n| x\\|y | 2 |"),
        (tables.columns({"a": "one.", "b": "two."}), "- **a**: one.\n- **b**: two."),
        (tables.picture("floor_ami", "errors"), "![errors](../../experiments/results/floor_ami.png)"),
        (shown(FAMILIES, "two_sided_gamma"), "two-sided gamma"),
        (shown(FAMILIES, "some_other"), "some other"),
        (floor.quantity("spread/median_offset"), "spread of the median floor-transfer offset, s"),
        (floor.quantity("spread/per_minute_gap"), "spread of gaps per minute"),
        (floor.quantity("dwell_w1/nobody"), "W1 of stretches in which nobody speaks, s"),
    ],
)
def test_formats(text, expected):
    assert text == expected


def test_a_table_refuses_a_row_of_another_length():
    with pytest.raises(ValueError, match="has 1 cells, not 2"):
        tables.table(["a", "b"], [["1"]])


def test_verdicts_of_the_papers_tables():
    base = {"bits": 4.0, "spread": 0.02}
    assert paper.verdict(base, base) == ""
    assert paper.verdict({"bits": 4.02, "spread": 0.01}, base) == "tie"
    assert paper.verdict({"bits": 4.03, "spread": 0.01}, base) == "more"
    assert paper.verdict({"bits": 3.97, "spread": 0.01}, base) == "fewer"
    assert paper.verdict({"bits": 3.97, "spread": 0.04}, base) == "tie"
    assert paper.verdict({"bits": 3.0, "spread": None}, base) == ""


def test_significance_of_families_and_of_the_floor():
    assert families.ties({"difference": {"value": -0.1, "low": -0.3, "high": 0.0}})
    assert not families.ties({"difference": {"value": -0.1, "low": -0.3, "high": -0.01}})
    assert floor.nearer({"behind": [0.1, 0.2]}) == "baseline"
    assert floor.nearer({"behind": [-0.2, -0.1]}) == "simulator"
    assert floor.nearer({"behind": [-0.2, 0.1]}) == "tie"


def test_the_ranges_of_real_speech_are_those_that_the_result_counts_with():
    loaded = read()
    references = {one["name"]: one for one in loaded["speech_reference"].values["references"]}
    judged = loaded["babblers_judged"].values
    for speaker, one in {**judged["judged"], "small": judged["small"]}.items():
        for measure in voice_sections.MEASURES:
            low, high = voice_sections.accepted(measure, references[voices.REFERENCES[speaker]])
            values = [sample[measure] for sample in one["samples"] if sample[measure] is not None]
            within = sum((low is None or low <= value) and value <= high for value in values)
            assert within == one["within"][measure], (speaker, measure)


def test_a_benchmark_of_one_size_is_a_row():
    entry = CATALOGUE["bench_train"]
    assert results.Result("bench_train", {"dim": 256}, entry).rows == [{"dim": 256}]
    assert results.Result("bench_train", {"rows": [{"dim": 1}]}, entry).rows == [{"dim": 1}]


def test_minutes_to_the_bits_of_another_training_by_hand():
    assert minutes_to(3.5, [5, 10, 20], [4.0, 3.0, 2.5]) == pytest.approx(5 * 2**0.5)
    assert minutes_to(2.5, [5, 10, 20], [4.0, 3.0, 2.5]) == pytest.approx(20)
    assert minutes_to(4.1, [5, 10, 20], [4.0, 3.0, 2.5]) is None
    assert minutes_to(2.4, [5, 10, 20], [4.0, 3.0, 2.5]) is None
