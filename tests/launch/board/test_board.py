"""A board of runs: what it collects, and the page, without a browser."""

import base64
import io
import json
import re

import pytest
import soundfile

from babble_jax.errors import BabbleError
from babble_jax.launch.board import media
from babble_jax.launch.board.board_page import board_html
from babble_jax.launch.board.board_runs import TrackedFolder, find_board_runs
from babble_jax.launch.board.content import collect_content, shorten_curve
from babble_jax.launch.board.media import MOST_SECONDS, Sounds, select_steps
from babble_jax.launch.board.records import MOST_ROWS
from babble_jax.launch.compare import compare_runs, comparison_table
from babble_jax.track.jsonl import JsonLines
from tests.launch.board.many_runs import write_sweep, write_two_quantizers


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    write_sweep(folder, seeds=range(2), steps=20, evaluations=2, seconds=0.1)
    return folder


@pytest.fixture(scope="module")
def content(root):
    return collect_content(find_board_runs([root]))


def test_a_board_shows_the_numbers_of_the_launcher(root, content):
    comparison = compare_runs(find_board_runs([root]))
    assert content["metric"] == comparison.metric == "validation/bits"
    scores = {}
    for run in content["runs"]:
        if run["curves"]:
            scores.setdefault(run["group"], {})[run["seed"]] = run["curves"]["validation/bits"]["min"]
    assert scores == {group.label: group.scores for group in comparison.groups}
    assert content["differ"] == ["optimizer.learning_rate", "seed"]
    assert [run["state"] for run in content["runs"]].count("failed") == 1
    done = next(run for run in content["runs"] if run["state"] == "done")
    assert done["numbers"]["bits"] == pytest.approx(done["curves"]["validation/bits"]["last"])
    assert done["values"]["optimizer.learning_rate"] in ("0.001", "0.002")


def test_sounds_are_held_once_and_play(content):
    sounds = [sound for run in content["runs"] for sound in run["sounds"]]
    assert len(sounds) == 3 * 2 * 2  # of three runs two evaluations, of babble and of speech
    assert len({sound["sound"] for sound in sounds if sound["name"] == "speech"}) == 1
    assert len(content["media"]) == 3 * 2 + 1
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(content["media"][sounds[0]["sound"]])))
    assert (len(audio), rate) == (1600, 16_000)


def test_sounds_beyond_the_budget_are_counted(root, tmp_path):
    path = next(root.rglob("*-babble.wav"))
    sounds = Sounds(budget=100)
    assert (sounds.add(path), sounds.omitted) == (None, 1)
    soundfile.write(tmp_path / "long.wav", [0.0] * 4000 * 20, 4000)
    sounds = Sounds(budget=10**6)
    assert sounds.add(tmp_path / "long.wav") == 0
    assert soundfile.info(io.BytesIO(base64.b64decode(sounds.content[0]))).duration == MOST_SECONDS
    (tmp_path / "half.wav").write_bytes(b"RIFF")
    assert sounds.add(tmp_path / "half.wav") is None


def test_what_is_not_finite_or_too_large_is_shown_or_counted(tmp_path, monkeypatch):
    log = JsonLines(tmp_path)
    log.log_metrics(1, {"x": float("inf"), "y": 1.0})
    log.log_table(1, "t", ["a"], [[float("nan")], *([[1.0]] * MOST_ROWS)])
    log.log_summary({"best": float("inf")})
    log.close()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "00000001-big.png").write_bytes(b"x" * 100)
    monkeypatch.setattr(media, "_MOST_PICTURE", 99)
    content = collect_content(find_board_runs([tmp_path]))
    (run,) = content["runs"]
    assert list(run["curves"]) == ["y"]
    assert (run["tables"][0]["rows"][:2], run["tables"][0]["omitted"]) == ([["nan"], [1.0]], 1)
    assert (run["summary"], run["pictures"], content["omitted"]) == ({"best": "inf"}, [], 1)
    assert board_html(content)


def test_the_last_evaluation_comes_first():
    assert select_steps([1, 2, 2, 3]) == [3, 1, 2]
    assert select_steps(list(range(100)))[:2] == [99, 0]
    assert len(select_steps(list(range(100)))) == 5
    assert select_steps([]) == []


def test_a_long_curve_is_averaged():
    curve = [(step, float(step % 2)) for step in range(1, 1001)]
    short = shorten_curve(curve, 100)
    assert len(short) == 100
    assert short[-1] == (1000, 0.5)
    assert shorten_curve(curve[:100], 100) == curve[:100]


def test_the_page_holds_all_and_loads_nothing(content):
    page = board_html(content | {"made": "</script><script>alert(1)</script>"})
    assert "<script>alert" not in page
    assert not re.search(r"(src|href)=\"?(http|//)|@import|url\(", page)
    assert "connect-src 'none'" in page
    assert "{{" not in re.sub(r"\$\{\{", "", page)
    (text,) = re.findall(r'application/json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(text)
    assert data["runs"] == content["runs"]


def test_a_training_is_a_run(tmp_path):
    folder = tmp_path / "voice-1"
    folder.mkdir()
    config = {"dim": 8, "seed": 3, "steps": 20, "derived": {}, "log": {}, "schedules": []}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.jsonl").write_text(
        '{"step": 10, "validation/loss": 2.0}\n{"step": 20, "train/loss": 1.0}\n'
    )
    (run,) = find_board_runs([folder, folder.parent])
    assert isinstance(run, TrackedFolder)
    assert (run.label, run.values) == ("voice-1", {"dim": 8, "seed": 3, "steps": 20})
    assert run.read_state().state == "done"
    (shown,) = collect_content([run])["runs"]
    assert (shown["seed"], shown["step"], shown["curves"]["validation/loss"]["last"]) == ("3", 20, 2.0)


def test_bits_of_different_quantizers_are_marked(tmp_path):
    write_two_quantizers(tmp_path)
    runs = find_board_runs([tmp_path])
    assert [run["quantizer"] for run in collect_content(runs)["runs"]] == ["linear 256", "mu_law 256"]
    assert comparison_table(compare_runs(runs)).splitlines()[-1] == (
        "validation/bits of different quantizers cannot be compared, and these runs have linear 256 and mu_law 256"
    )
    assert "cannot be compared" not in comparison_table(compare_runs(runs[:1]))
    with pytest.raises(
        BabbleError, match="no run has a value of validation/bit yet; take one of validation/bits"
    ):
        compare_runs(runs, "validation/bit")


def test_what_is_no_run_is_said(tmp_path):
    with pytest.raises(BabbleError, match="is no folder"):
        find_board_runs([tmp_path / "none"])
    with pytest.raises(BabbleError, match="holds no run"):
        find_board_runs([tmp_path])
