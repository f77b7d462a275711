"""Plain lines where nobody watches, a bar where somebody does, nothing on standard output."""

import io
import re
import sys

import pytest

from babble_jax.progress import Progress, format_estimate, format_time_left


def run(total, every, updates=3):
    with Progress("counting", total, "sheep", every) as progress:
        for i in range(updates):
            progress.update(2, bits=i + 0.123456, name="x")


def test_plain_lines_off_a_terminal(capsys):
    run(total=6, every=0.0)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 4  # one per update and one at the end
    assert re.fullmatch(r"counting: 2/6 sheep, \S+ sheep/s  bits 0\.1235  name x", lines[0])
    assert re.fullmatch(r"counting: 4/6 sheep, \S+ sheep/s, \d+ s left  bits 1\.123  name x", lines[1])
    assert re.fullmatch(r"counting: 6/6 sheep, \S+ sheep/s  bits 2\.123  name x", lines[2])
    assert re.fullmatch(r"counting: 6/6 sheep, \S+ sheep/s", lines[3])


def test_the_time_left_leaves_out_what_comes_before_the_first_update(capsys, monkeypatch):
    clock = iter([0, 100, 102])
    monkeypatch.setattr("babble_jax.progress.time.monotonic", lambda: next(clock, 104))
    with Progress("training", 400_000, "steps", 0.0) as progress:
        progress.update()  # compiles for 100 s
        progress.update()
    first, second, _ = capsys.readouterr().err.splitlines()
    assert first == "training: 1/400000 steps, 0.01 steps/s"
    assert second == "training: 2/400000 steps, 0.5 steps/s, 9.26 days left"


def test_what_is_compiled_on_the_way_is_forgotten_when_as_much_time_has_passed(capsys, monkeypatch):
    times = [0, 0, *range(100, 1100, 100), *range(1002, 2202, 2)]  # ten steps compile, the others take 2 s
    clock = iter(times)
    monkeypatch.setattr("babble_jax.progress.time.monotonic", lambda: next(clock, times[-1]))
    with Progress("training", 1000, "steps", 0.0) as progress:
        for _ in times[1:]:
            progress.update()
    lines = capsys.readouterr().err.splitlines()
    assert lines[10].startswith("training: 11/1000 steps, 0.01 steps/s")
    assert lines[-2] == "training: 611/1000 steps, 0.5 steps/s, 13 min left"


def test_work_that_goes_on_counts_what_is_done_in_the_total_and_not_in_the_rate(capsys, monkeypatch):
    clock = iter([0, 10, 12])
    monkeypatch.setattr("babble_jax.progress.time.monotonic", lambda: next(clock, 14))
    with Progress("training", 100, "steps", 0.0, done=90) as progress:
        progress.update()
        progress.update()
    first, second, _ = capsys.readouterr().err.splitlines()
    assert first == "training: 91/100 steps, 0.1 steps/s"
    assert second == "training: 92/100 steps, 0.5 steps/s, 16 s left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(28, "28 s"), (59.6, "1 min"), (120, "2 min"), (3569, "59 min"), (3571, "1:00 h"), (4800, "1:20 h")],
)
def test_the_time_left_names_its_unit(seconds, text):
    assert format_time_left(seconds) == text


def test_lines_are_seconds_apart(capsys):
    run(total=None, every=60.0)
    assert re.fullmatch(r"counting: 6 sheep, \S+ sheep/s\n", capsys.readouterr().err)


def test_nothing_to_do_is_no_error(capsys):
    run(total=0, every=0.0, updates=0)
    assert capsys.readouterr().err == "counting: 0 sheep, 0 sheep/s\n"


def test_work_that_fails_is_not_reported_as_done(capsys):
    with pytest.raises(RuntimeError), Progress("counting", 6):
        raise RuntimeError
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(total=6, every=0.0)
    assert "counting" in terminal.getvalue()
    assert "6/6" in terminal.getvalue()
    assert "sheep/s" in terminal.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0.2 s"),
        (4.2, "4 s"),
        (33, "35 s"),
        (110, "2 min"),
        (5000, "83 min"),
        (9000, "2.5 h"),
        (7e5, "8 days"),
    ],
)
def test_an_estimate_is_rounded_as_a_person_would(seconds: float, text: str):
    assert format_estimate(seconds) == text
