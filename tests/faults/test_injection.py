"""Every write step of every verb fails in turn: one sentence and nothing left, or complete; none else."""

import collections
import shutil
from pathlib import Path

import pytest

from tests.faults.commands import COMMANDS, make_inputs
from tests.faults.injection import ERRORS, Injection
from tests.faults.outcomes import Memory, mixed, read_tree, run, sentence, without_temporaries, write_earlier


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    return folder


EACH = [
    pytest.param(name, earlier, id=f"{name}{', again' if earlier else ''}")
    for name, command in COMMANDS.items()
    for earlier in ([False] if command.again is None else [False, True])
]
"""Every command that writes anew, and again where it replaces what is there."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "earlier"), EACH)
def test_every_step_that_fails_is_one_sentence_and_nothing_left(inputs, tmp_path, monkeypatch, name, earlier):
    fail_every_step(inputs, tmp_path, monkeypatch, name, earlier, lambda step: tuple(ERRORS))


def test_every_step_of_a_simulation_fails(tmp_path, monkeypatch):
    errors = tuple(ERRORS)
    fail_every_step(None, tmp_path, monkeypatch, "simulate rttm", True, lambda step: errors[step % 3 :][:1])


def fail_every_step(inputs, tmp_path, monkeypatch, name, earlier, errors) -> None:
    """Runs a command as often as it has steps, and one of them fails each time.

    Args:
      inputs: folder of its inputs.
      tmp_path: a folder of its own.
      monkeypatch: of the test.
      name: of the command.
      earlier: whether its output is there already.
      errors: gives the names of the errors at a step.
    """
    command = COMMANDS[name]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    out = tmp_path / "out"
    line = command.line.format(inputs=inputs, out=out)
    memory = Memory(monkeypatch, command.computed)
    first = run(line)
    assert first.code == 0, first.error
    complete = read_tree(out)
    out.rename(tmp_path / "complete")
    if earlier:
        line += f" {command.again}"
        write_earlier(tmp_path / "complete", tmp_path / "earlier")
    before = read_tree(tmp_path / "earlier")

    def prepare() -> None:
        memory.rewind()
        shutil.rmtree(out, ignore_errors=True)
        if earlier:
            shutil.copytree(tmp_path / "earlier", out)

    prepare()
    count = Injection((out, scratch))
    assert run(line, count).code == 0
    assert read_tree(out) == complete
    outcomes = collections.Counter()
    for at, step in enumerate(count.steps):
        for fault in errors(at):
            prepare()
            injection = Injection((out, scratch), at, fault)
            code, error = run(line, injection)
            tree, told = read_tree(out), sentence(error)
            where = f"{fault} at step {at} of {len(count.steps)}, {step}: {error}"
            assert injection.steps[at] == step, where
            if code == 0 and tree == complete:
                outcomes["complete"] += 1
            elif code == 0 and without_temporaries(tree) == complete:
                assert step.startswith(("remove ", "rmdir ", "rename ")), where
                outcomes["complete, something to sweep"] += 1
            else:
                assert code == 2, where
                assert told is not None, where
                assert not mixed(tree, before, complete), where
                outcomes[
                    "one sentence, nothing left" if tree == before else "one sentence, some complete"
                ] += 1
            assert not list(scratch.iterdir()), where
    print(f"\n{name}: {len(count.steps)} steps, {dict(outcomes)}")
