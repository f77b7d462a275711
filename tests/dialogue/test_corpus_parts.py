"""Simulated dialogues in parts: the same bytes whoever makes them and however often it is killed."""

import json
import signal
import subprocess
import sys
import time

import pytest

from babble_jax.cli import main
from babble_jax.dialogue import corpus_parts
from babble_jax.dialogue.corpus import simulate
from babble_jax.dialogue.corpus_parts import parse_shard, part_size
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.simulator import FloorSimulator
from tests.dialogue.test_corpus import EACH, PRESET

HOURS = 3 / 60  # six dialogues in three parts


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(corpus_parts, "_DIALOGUES", (2, 2))


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The folder of one process that was not killed."""
    out = tmp_path_factory.mktemp("parts") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_parts, "_DIALOGUES", (2, 2))
        simulate(HOURS, out, format="array_record", **EACH)
    return contents(out)


def test_shards_and_kills_change_no_byte(parts, tmp_path, monkeypatch):
    assert sorted(parts) == ["manifest.json", *(f"part-0000{i}.array_record" for i in range(3))]
    out = tmp_path / "out"
    second = simulate(HOURS, out, shard="2/2", **EACH)
    assert second["sha256"] == dict.fromkeys(sorted(parts)[1:])
    assert sorted(contents(out)) == ["manifest.json", "part-00001.array_record"]

    draw, numbers = FloorSimulator.draw, []

    def killed(self, seed, dialogues, *args):
        numbers.append(list(dialogues))
        if len(numbers) == 2:
            raise KeyboardInterrupt
        return draw(self, seed, dialogues, *args)

    monkeypatch.setattr(FloorSimulator, "draw", killed)
    with pytest.raises(KeyboardInterrupt):
        simulate(HOURS, out, shard="1/2", **EACH)
    assert len(contents(out)) == 3
    values = simulate(HOURS, out, shard="1/2", **EACH)
    assert numbers == [[0, 1], [4, 5], [4, 5]]  # what was there was not made again
    assert contents(out) == parts
    assert json.loads(parts["manifest.json"]) == values
    simulate(HOURS, out, format="array_record", **EACH)
    assert len(numbers) == 3  # it is complete

    (out / "part-00000.array_record").write_bytes(parts["part-00001.array_record"])
    simulate(HOURS, out, format="array_record", **EACH)  # and what was damaged is made again
    assert (numbers[3:], contents(out)) == ([[0, 1]], parts)


def test_what_begins_is_said_before_the_first_part_and_a_shard_without_parts_says_so(
    tmp_path, capsys, monkeypatch
):
    PRESET.save(tmp_path / "made.json")
    line = (
        f"simulate --hours {1 / 60} --minutes 0.5 --timing {tmp_path / 'made.json'} --out {tmp_path / 'out'} "
    )
    main([*line.split(), "--shard", "2/2"])
    out, err = capsys.readouterr()
    assert err.splitlines()[-1] == "This run has only 1 part; nothing was left for shard 2/2."
    assert out.startswith("shard 2/2 is complete; 0 of 1 parts are there, ")

    def draw(*args):
        raise BabbleError("drawn")

    monkeypatch.setattr(FloorSimulator, "draw", draw)
    with pytest.raises(BabbleError, match="drawn"):
        simulate(HOURS, tmp_path / "other", shard="1/2", **EACH)
    assert capsys.readouterr().err == (
        "simulate: 2 of 3 parts to make, 0.03333 h; a part is up to 2 dialogues, 0.0167 h\n"
    )


def test_another_simulation_is_replaced_only_where_that_is_asked_for(parts, tmp_path):
    out = tmp_path / "out"
    simulate(1 / 60, out, format="array_record", shard="1/1", **EACH)
    with pytest.raises(BabbleError, match="holds another simulation, with seed 3 and not 4; choose a new"):
        simulate(1 / 60, out, format="array_record", **EACH | {"seed": 4})
    simulate(HOURS, out, format="array_record", overwrite=True, **EACH)
    assert contents(out) == parts
    (out / "mine.txt").write_text("")
    with pytest.raises(BabbleError, match="holds other files"):
        simulate(1 / 60, out, format="array_record", overwrite=True, **EACH)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3"])
def test_what_is_no_shard(shard, tmp_path):
    with pytest.raises(BabbleError, match=r"^shard is .*; write I/N"):
        simulate(HOURS, tmp_path / "out", shard=shard, **EACH)
    assert not list(tmp_path.iterdir())


def test_shards_are_of_array_record(tmp_path):
    assert parse_shard("3/4") == (2, 4)
    with pytest.raises(BabbleError, match=r"^shard is of the format array_record; with csv leave it out"):
        simulate(HOURS, tmp_path / "out", shard="1/2", format="csv", **EACH)


def test_the_size_of_a_part(monkeypatch):
    monkeypatch.undo()
    assert [part_size(10, 2), part_size(0.05, 2), part_size(600, 20), part_size(10, 4)] == [
        512,
        4096,
        64,
        256,
    ]


@pytest.mark.slow
def test_killed_processes_leave_the_files_of_an_unbroken_run(tmp_path):
    PRESET.save(tmp_path / "made.json")
    command = [
        sys.executable,
        "-c",
        "from babble_jax.cli import main; main()",
        "simulate",
        "--format",
        "array_record",
    ]
    command += ["--hours", "120", "--minutes", "1", "--timing", str(tmp_path / "made.json")]
    subprocess.run([*command, "--out", str(tmp_path / "whole")], check=True)
    out = tmp_path / "killed"
    for count in (1, 2):
        process = subprocess.Popen([*command, "--out", str(out), "--shard", "1/1"])
        while process.poll() is None and len(list(out.glob("part-*"))) < count:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run([*command, "--out", str(out)], check=True)
    assert contents(out) == contents(tmp_path / "whole")
    together = tmp_path / "together"
    shards = [subprocess.Popen([*command, "--out", str(together), "--shard", f"{i}/3"]) for i in (1, 2, 3)]
    assert [process.wait() for process in shards] == [0, 0, 0]
    assert contents(together) == contents(tmp_path / "whole")
