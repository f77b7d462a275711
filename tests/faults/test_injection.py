"""Every write step of every verb fails in turn: one sentence and nothing left, or complete; none else."""

import collections
import shutil

import pytest

from babble_jax import temporaries
from tests.faults.commands import COMMANDS
from tests.faults.injection import FAULTS, KILL, Injection
from tests.faults.outcomes import (
    Memory,
    mixed,
    read_tree,
    run,
    run_to_kill,
    run_to_kill_anew,
    sentence,
    without_temporaries,
    write_earlier,
)

EACH = [
    pytest.param(name, earlier, id=f"{name}{', again' if earlier else ''}")
    for name, command in COMMANDS.items()
    for earlier in ([False] if command.again is None else [False, True])
]
"""Every command that writes anew, and again where it replaces what is there."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "earlier"), EACH)
def test_every_step_that_fails_is_one_sentence_and_nothing_left(inputs, tmp_path, monkeypatch, name, earlier):
    fail_every_step(inputs, tmp_path, monkeypatch, name, earlier, lambda step: FAULTS)


def test_every_step_of_a_simulation_fails(tmp_path, monkeypatch):
    fail_every_step(None, tmp_path, monkeypatch, "simulate rttm", True, lambda step: FAULTS[step % 4 :][:1])


def fail_every_step(inputs, tmp_path, monkeypatch, name, earlier, faults) -> None:
    """Runs a command as often as it has steps, and one of them fails each time.

    Args:
      inputs: folder of its inputs.
      tmp_path: a folder of its own.
      monkeypatch: of the test.
      name: of the command.
      earlier: whether its output is there already.
      faults: gives the faults of a step.
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
    repeat = f"{line} {command.again or ''}"
    if earlier:
        line = repeat
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
        for fault in faults(at):
            prepare()
            injection = Injection((out, scratch), at, fault)
            if fault == KILL:
                if not command.in_copy:
                    if at % (len(count.steps) // 5) == 1:
                        run_to_kill_anew(line, injection)
                    else:
                        continue
                else:
                    run_to_kill(line, injection)
                outcomes[check_killed(command, repeat, out, before, complete, memory)] += 1
                assert not list(scratch.iterdir())
                continue
            code, error = run(line, injection)
            tree, message = read_tree(out), sentence(error)
            where = f"{fault} at step {at} of {len(count.steps)}, {step}: {error}"
            assert injection.steps[at] == step, where
            if step.startswith(("remove .scratch", "rmdir .scratch")):
                assert (code, tree) == (0, complete), where
                temporaries.remove_partial(scratch)
                outcomes["complete, something to sweep"] += 1
            elif code == 0 and tree == complete:
                outcomes["complete"] += 1
            elif code == 0 and without_temporaries(tree) == complete:
                assert step.startswith(("remove ", "rmdir ", "rename ")), where
                outcomes["complete, something to sweep"] += 1
            else:
                assert code == 2, where
                assert message is not None, where
                assert not mixed(tree, before, complete, command.keeps_parts), where
                outcomes[
                    "one sentence, nothing left" if tree == before else "one sentence, some complete"
                ] += 1
            assert not list(scratch.iterdir()), where
    print(f"\n{name}: {len(count.steps)} steps, {dict(outcomes)}")


def check_killed(command, repeat, out, before, complete, memory) -> str:
    """Checks what a killed command left, and that the next one sweeps it: returns the outcome."""
    tree = read_tree(out)
    aside = any(".babble-replaced-" in name for name in tree)
    if not aside:
        assert not mixed(without_temporaries(tree), before, complete, command.keeps_parts)
    memory.rewind()
    code, error = run(repeat)
    if code != 0:  # a verb that replaces nothing
        assert "holds other files than" in error
        assert without_temporaries(tree) == complete
    assert read_tree(out) == complete
    return "killed, put back and done again" if aside else "killed, done again"
