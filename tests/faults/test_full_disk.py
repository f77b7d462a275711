"""On a disk that is full every verb says so in one sentence and leaves nothing, or is complete."""

import shutil

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.outcomes import Memory, mixed, read_tree, run, sentence, write_earlier


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_sentence_and_nothing_left(inputs, tmp_path, monkeypatch, disk, name):
    fill_disk(inputs, tmp_path, monkeypatch, disk, name, shares=[*(k / 12 for k in range(13)), 2])


def test_a_simulation_on_a_full_disk(tmp_path, monkeypatch, disk):
    fill_disk(None, tmp_path, monkeypatch, disk, "simulate rttm", shares=[0, 0.5, 2])


def fill_disk(inputs, tmp_path, monkeypatch, disk, name, shares) -> None:
    """Runs a command on a disk that has room for shares of what it writes.

    Pictures take more while they are written; twice the room is enough for all.
    """
    command = COMMANDS[name]
    out = disk(2**16) / "out"
    line = command.line.format(inputs=inputs, out=out)
    memory = Memory(monkeypatch, command.computed)
    first = run(line)
    assert first.code == 0, first.error
    complete = read_tree(out)
    out.rename(tmp_path / "disk" / "complete")
    shutil.copytree(tmp_path / "disk" / "complete", tmp_path / "complete")
    shutil.rmtree(tmp_path / "disk" / "complete")
    pages = sum(1 + path.stat().st_size // 4096 for path in (tmp_path / "complete").rglob("*"))
    write_earlier(tmp_path / "complete", tmp_path / "earlier")
    outcomes = []
    for earlier in [False] if command.again is None else [False, True]:
        before = read_tree(tmp_path / "earlier") if earlier else {}
        for share in shares:
            disk(2**16)
            shutil.rmtree(out, ignore_errors=True)
            room = 4 * (1 + int(share * pages))
            if earlier:
                shutil.copytree(tmp_path / "earlier", out)
                room += 4 * pages + 12
            disk(room)
            memory.rewind()
            code, error = run(f"{line} {command.again}" if earlier else line)
            tree = read_tree(out)
            where = f"{room} kB, {earlier=}: {error}"
            if code == 0:
                assert tree == complete, where
                outcomes.append("complete")
            else:
                assert code == 2, where
                message = sentence(error)
                assert message is not None, where
                assert "there is no room left" in message, where
                assert not mixed(tree, before, complete, command.keeps_parts), where
                outcomes.append("one sentence" if tree == before else "one sentence, some complete")
        assert outcomes[-1] == "complete"
    assert outcomes[0].startswith("one sentence")
    print(f"\n{name}: {outcomes}")
