"""The launcher: one run, a sweep, and what is done with the runs."""

import json
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from babble_jax.cli import main
from babble_jax.launch.local import LocalExecutor, core_shares, stop_run
from babble_jax.launch.run_folder import Run, find_runs
from tests.launch.conftest import toy  # noqa: F401
from tests.launch.toy import signal_run


@pytest.fixture
def launch(toy, capsys, monkeypatch):  # noqa: F811
    """Runs a command line of `babble launch` in the folder of the experiment; returns what it printed."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))

    def run(line, code=0):
        capsys.readouterr()
        if code:
            with pytest.raises(SystemExit) as stop:
                main(["launch", *line.split()])
            assert stop.value.code == code
        else:
            main(["launch", *line.split()])
        return capsys.readouterr()

    return run


def test_experiments_of_the_folder_are_listed_and_shown(launch):
    assert launch("list").out.startswith(
        "toy: Counts steps; the metric falls by the rate.\n    time: a second\n"
    )
    (row,) = json.loads(launch("list --json").out)["experiments"]
    assert (row["name"], row["result"]) == ("toy", "")
    assert "[optimizer]\nrate = 0.5\n" in launch("show toy").out


def test_a_run_takes_typed_values_and_the_same_values_go_on(launch):
    first = launch("toy.py --optimizer.rate 1 --steps 2")
    assert json.loads(first.out)["bits"] == 6.0
    (run,) = find_runs(Path("runs"))
    assert run.record["command"].endswith("babble launch toy.py --optimizer.rate 1.0 --steps 2")
    again = launch("toy --steps 2 --optimizer.rate 1.0")
    assert "is done since" in again.err
    assert json.loads(again.out) == json.loads(first.out)
    assert run.read_state().starts == 1
    launch("toy --steps 2 --optimizer.rate 1.0 --again")
    assert run.read_state().starts == 2
    assert "rate = 1.0" in launch(f"show toy/{run.digest}").out
    assert f"toy/{run.digest}: done" in launch("logs").out
    assert "remove it with --yes" in launch("prune toy").out
    launch("prune toy --yes")
    assert not run.folder.exists()


def test_results_go_where_they_are_asked_for(launch):
    launch("toy.py --steps 1 --results out")
    assert json.loads(Path("out/toy.json").read_text())["bits"] == 7.5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("toy.py --rate 1", "launch toy.py: there is no option --rate, perhaps you meant --optimizer.rate"),
        ("toy.py --steps many", "--steps: not a whole number: 'many'"),
        ("tyo", "There is no experiment 'tyo'; choose from toy."),
        ("tyo.py", "tyo.py: there is no such file"),
        ("toy.py --sweep steps", "--sweep 'steps': is not FIELD=VALUES"),
        ("toy.py --parallel 0", "--samples and --parallel must be positive"),
        ("runs nothing", "nothing: no run in runs has this name"),
        ("compare", "no run has a value of any metric yet"),
        ("stop", "FILTER"),
    ],
)
def test_mistakes_are_one_sentence(launch, line, message):
    assert message in launch(line, 2).err
    assert not Path("runs").exists()


def test_a_field_with_the_name_of_an_option_is_refused(launch):
    path = Path("toy.py")
    path.write_text(path.read_text().replace("steps: int = 3", "parallel: int = 3"))
    assert "its field parallel is an option of the launcher, too" in launch("toy.py", 2).err


def test_a_sweep_outlives_a_kill_and_is_compared(launch):
    """Four runs at two rates and two seeds, two at once; each of rate 0.25 kills itself at its second step."""
    Path("sweep.toml").write_text("seed = [0, 1]\n")
    plan = launch("toy.py --sweep optimizer.rate=0.5,0.25 --sweep-file sweep.toml --dry-run").out
    assert [line.split("waiting")[1].strip() for line in plan.splitlines()] == [
        "",
        "--seed 1",
        "--optimizer.rate 0.25",
        "--optimizer.rate 0.25 --seed 1",
    ]
    assert not Path("runs").exists()
    text = launch("toy.py --sweep optimizer.rate=0.5,0.25 seed=0:2 --killed 2 --loud --parallel 2 --follow")
    assert len(re.findall(r"toy/\w+: killed \(SIGKILL; goes on, retry 1 of 3\)", text.err)) == 4
    assert len(re.findall(r"toy/\w+: done", text.err)) == 4
    assert len(re.findall(r"\w+ \| step 3", text.err)) == 4
    assert launch("toy.py --sweep optimizer.rate=0.5 --killed 2 --loud").err.endswith(
        "no run is left to be run\n"
    )
    rows = json.loads(launch("runs done --json").out)["runs"]
    assert [(row["step"], row["best"], row["starts"]) for row in rows] == [
        (3, 6.5, 2),
        (3, 6.51, 2),
        (3, 7.25, 2),
        (3, 7.26, 2),
    ]
    assert rows[3]["differs"] == {"optimizer.rate": 0.25, "seed": 1}
    assert [
        json.loads(launch(f"runs {word} --json").out)["runs"][0]["best"] for word in ("seed=1", "rate=.25")
    ] == [
        6.51,
        7.25,
    ]
    assert launch("runs rate=99").err == "no run of the 4 in runs matches rate=99\n"
    assert "no run of the 4 in runs matches rate=99; see" in launch("compare rate=99", 2).err
    assert "take one of validation/bits, bits, cores, seconds." in launch("compare --metric bit", 2).err
    table = launch("compare --plot curves.png").out.splitlines()
    assert table[1].split() == ["optimizer.rate=0.5", "6.505", "0.0071", "6.5", "to", "6.51", "2"]
    assert table[2].split()[-5:] == ["+0.75", "(sd", "0,", "2", "seeds)"]
    assert table[-1] == "curves.png"
    assert Path("curves.png").stat().st_size > 10_000
    assert json.loads(launch("compare --metric bits --json").out)["groups"][1]["paired"] == [0.75, 0.75]


@pytest.mark.slow
def test_rounds_of_halving_end_with_the_best(launch):
    line = "toy.py --sweep optimizer.rate=0.1,0.2,0.4,0.3 seed=0:2 --halve steps=2:8:2 --parallel 2"
    plan = launch(f"{line} --dry-run").out
    assert [text for text in plan.splitlines() if text.startswith("round")] == [
        "round 1 of 3, steps 2: 8 runs",
        "round 2 of 3, steps 4: 4 runs",
        "round 3 of 3, steps 8: 2 runs",
    ]
    text = launch(line)
    assert text.out.splitlines()[-1] == "best: optimizer.rate=0.4, validation/bits 4.805"
    assert text.out.splitlines()[0] == (
        "round 1, validation/bits: optimizer.rate=0.4 7.205, optimizer.rate=0.3 7.405 go on; optimizer.rate=0.2 7.605, "
        "optimizer.rate=0.1 7.805 do not"
    )
    assert len(find_runs(Path("runs"))) == 14
    assert launch(line).out.splitlines()[-1].startswith("best: optimizer.rate=0.4")
    assert "--halve: steps is swept, too" in launch(f"{line} --sweep steps=1,2", 2).err


@pytest.mark.slow
def test_a_sweep_of_seeds_gives_the_result_a_spread(launch):
    text = launch("toy.py --sweep seed=0:3 --results out")
    assert "out/toy.json: with the spread over 3 seeds" in text.err
    result = json.loads(Path("out/toy.json").read_text())
    assert result["bits"] == 6.5
    assert result["spread"]["seeds"] == 3
    assert result["spread"]["sd"]["bits"] == pytest.approx(0.01)


@pytest.mark.slow
def test_a_failed_run_is_told_and_tried_again(launch):
    text = launch("toy.py --sweep steps=-1,1", 2)
    assert "failed (ArithmeticError: steps are below zero)" in text.err
    assert "1 of 2 runs have not ended well: toy/" in text.err
    assert "Traceback" in launch("logs failed --lines 0").out
    assert launch("compare").out.splitlines()[1].startswith("steps=1 ")
    assert launch("retry").err == "no run is left to be run\n"
    assert "failed (ArithmeticError" in launch("retry --failed", 2).err


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_preempted_run_goes_on_and_a_stopped_one_does_not(launch):
    launch("toy.py --sweep seed=0:2 --pause 0.05 --steps 1000000 --dry-run")
    lines, ends = [], {}
    for seed in (0, 1):
        create(seed)
    runs = find_runs(Path("runs"))

    def act():
        wait_until(lambda: all(run.read_state().state == "running" for run in runs))
        signal_run(runs[0], signal.SIGUSR1)
        wait_until(lambda: runs[0].read_state().starts == 2)
        wait_until(lambda: runs[0].read_state().state == "running")
        for run in runs:
            stop_run(run)

    thread = threading.Thread(target=act)
    thread.start()
    ends = LocalExecutor(2, 0, lines.append).run(runs)
    thread.join()
    assert f"{runs[0].label}: preempted; goes on" in lines
    assert list(ends.values()) == ["stopped", "stopped"]
    assert [run.read_state().starts for run in runs] == [2, 1]


def create(seed: int) -> Run:
    """Creates a run that does not end by itself."""
    from babble_jax.cli.launch import Launch

    start = Launch.parse(["toy.py", "--steps", "1000000", "--pause", "0.05", "--seed", str(seed)])
    return start._create(start.options.values)


def test_cores_are_shared_out():
    assert core_shares(2, [0, 1, 4, 5]) == [[0, 1], [4, 5]]
    assert core_shares(3, [0, 1, 2, 3]) == [[0], [1, 2], [3]]
    assert core_shares(3, [0, 1]) == [[0], [1], [0]]
    assert core_shares(1, [0, 1]) == [[0, 1]]


def test_results_are_verified(launch):
    launch("toy.py --results out")
    assert launch("verify toy --results out").out == "toy: is the same\n"
    path = Path("out/toy.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"bits": 6.0}))
    text = launch("verify --results out", 2)
    assert "toy: 1 number moved\n    bits: 6.0 -> 6.5 (+8.3 %)\n" in text.out
    assert "1 result moved" in text.err
