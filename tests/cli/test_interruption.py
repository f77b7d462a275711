"""SIGTERM and Ctrl-C end the program with a sentence and the conventional code, even where the error is swallowed."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from babble_jax import cli
from babble_jax.cli import interruption
from babble_jax.cli.interruption import TerminatedError, raise_on_signals
from babble_jax.errors import StoppedError


class _Swallows:
    """Python prints an error that its `__del__` raises, and goes on."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        signal.raise_signal(self.number)


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, TerminatedError), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_signal_that_is_swallowed_is_sent_again(number, kind, capsys):
    @raise_on_signals()
    def wait():
        _Swallows(number)
        time.sleep(5)

    with pytest.raises(kind):
        wait()
    assert capsys.readouterr().err == ""
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_what_stops_a_run_is_not_sent_again(monkeypatch):
    timers = []
    monkeypatch.setattr(interruption.threading, "Timer", lambda *arguments: timers.append(arguments))
    with raise_on_signals():
        stop = StoppedError("stopped", signal.SIGTERM)
        sys.unraisablehook(type("Args", (), {"exc_type": type(stop), "exc_value": stop})())
    assert timers == []


def test_other_errors_are_printed_and_another_thread_handles_nothing(monkeypatch):
    errors, handlers = [], []
    monkeypatch.setattr(sys, "unraisablehook", errors.append)
    with raise_on_signals():
        sys.unraisablehook(type("Args", (), {"exc_type": ValueError})())

    def look():
        with raise_on_signals():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert [error.exc_type for error in errors] == [ValueError]
    assert handlers == [signal.SIG_DFL]


def test_sigterm_is_told_with_its_code(capsys, monkeypatch):
    monkeypatch.setattr("babble_jax.cli.command.parse", lambda _: signal.raise_signal(signal.SIGTERM))
    with pytest.raises(SystemExit) as end:
        cli.main(["timings"])
    assert end.value.code == 143
    assert capsys.readouterr().err == "babble: terminated\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_every_moment_of_the_imports(number, tmp_path):
    ready = "import sys, babble_jax.cli as cli; print(flush=True); cli.main(sys.argv[1:])"
    line = ["speak", "--seconds", "600", "--out", str(tmp_path / "babble.wav")]
    for seconds in (0.05, 0.2, 0.5, 0.9, 1.3, 1.8, 2.4):
        with subprocess.Popen(
            [sys.executable, "-c", ready, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "\n"
            time.sleep(seconds)
            process.send_signal(number)
            assert process.wait(20) == 128 + number
            assert process.stderr.read().splitlines()[-1] in ("babble: terminated", "babble: interrupted")
        assert not list(tmp_path.iterdir())
