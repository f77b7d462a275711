"""The doctor: facts of this machine, and what it says about one that is broken."""

import copy
import json
import sys
from pathlib import Path

import pytest

from babble_jax.cli import doctor_machine, doctor_probes, doctor_report
from tests.command import babble, done, strict

HEALTHY = {
    "devices": {
        "backend": "cpu",
        "devices": [{"platform": "cpu", "kind": "cpu", "memory": None}],
        "sum": 8.0,
    },
    "sampler": {
        "features": ["avx2", "fma"],
        "cache": str(Path.home() / ".cache" / "babble_jax"),
        "cache_bytes": 15_000_000,
        "cache_files": 12,
        "compiled_before": True,
        "first_seconds": 1.25,
        "times_real_time": 3.21,
    },
    "sound": {"microphones": ["USB Audio"], "loudspeakers": []},
}


@pytest.fixture
def facts(monkeypatch):
    """What the probes find; a test may change it."""
    values = copy.deepcopy(HEALTHY)
    monkeypatch.setattr(doctor_report, "run_probe", values.__getitem__)
    monkeypatch.setattr(doctor_report, "_is_installed", lambda name: True)
    return values


def test_a_machine_in_order(capsys, facts):
    text = done(capsys, "doctor").out
    assert text.endswith("\nNothing is broken.\n")
    assert "compiled before, first babble after 1.2 s, then 3.2 times as fast as real time" in text
    assert "15 MB in 12 files, ~/.cache/babble_jax\n" in text
    assert "devices           cpu (cpu)\n" in text
    assert f"Python            {sys.implementation.name.replace('cpython', 'CPython')} 3." in text
    assert str(Path.home()) not in text or str(Path.home()) == "/"
    values = strict(done(capsys, "doctor --json").out)
    assert values["problems"] == []
    assert {"jax", "numpy", "tyro"} <= {one["name"] for one in values["requirements"]}
    assert values["sampler"]["cache"] == "~/.cache/babble_jax"


@pytest.mark.parametrize("flags", ["", " --json"])
def test_what_is_broken_has_a_remedy_and_exit_code_1(capsys, facts, monkeypatch, flags):
    facts["devices"] = {"error": "RuntimeError: no driver"}
    versions = {"flax": "0.1.0", "optax": None}
    real = doctor_report._version
    monkeypatch.setattr(doctor_report, "_version", lambda name: versions.get(name, real(name)))
    code, out, err = babble(capsys, f"doctor{flags}")
    assert (code, err) == (1, "")
    problems = json.loads(out)["problems"] if flags else out.split("\n\n")[-1].splitlines()
    assert [problem.removeprefix("broken: ").split(" ")[0] for problem in problems] == [
        "flax",
        "optax",
        "JAX",
    ]
    assert "flax is 0.1.0, and " in problems[0]
    assert "run pip install 'optax" in problems[1]
    assert "RuntimeError: no driver" in problems[2]
    assert "JAX_PLATFORMS=cpu" in problems[2]
    assert flags or "  flax                  0.1.0           <- " in out


def test_the_voice_that_does_not_speak_is_named(capsys, facts):
    facts["sampler"] = {"error": "OSError: no compiler"}
    code, out, _ = babble(capsys, "doctor")
    assert code == 1
    assert (
        "broken: The voice babblers does not speak by the native sampler: OSError: no compiler; take" in out
    )


def test_what_is_slow_or_out_of_reach_is_noted(capsys, facts, monkeypatch):
    facts["sampler"] |= {"features": ["sse2"], "cache": None}
    facts["sound"] = {"error": "OSError: PortAudio library not found"}
    monkeypatch.setattr(doctor_report, "is_writable", lambda folder: folder != Path.cwd())
    text = done(capsys, "doctor").out
    notes = [line for line in text.splitlines() if line.startswith("note: ")]
    assert len(notes) == 4
    assert "The current folder cannot be written" in notes[0]
    assert "NUMBA_CACHE_DIR" in notes[1]
    assert "no AVX2" in notes[2]
    assert "libportaudio2" in notes[3]


def test_a_probe_that_ends_is_an_error_and_not_the_end(monkeypatch):
    probe = "import sys; from babble_jax.cli import doctor_probes as p; "
    for code, error in {
        "import os; os.abort()": "it ended with code -6",
        "raise OSError('gone')": "OSError: gone",
        f"{probe} p.PROBES['x'] = lambda: 1 / 0; p.print_result('x')": "ZeroDivisionError: division by zero",
        "import time; time.sleep(9)": "no answer within 1 s",
    }.items():
        monkeypatch.setattr(doctor_probes, "_TIME", 1.0 if "sleep" in code else 60.0)
        monkeypatch.setattr(doctor_probes, "_command", lambda name, code=code: [sys.executable, "-c", code])
        assert doctor_probes.run_probe("x") == {"error": error}


def test_the_home_is_abbreviated_and_nothing_else(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ann"))
    assert doctor_machine.abbreviate_home("--dump=/home/ann/x /home/anna/y") == "--dump=~/x /home/anna/y"


@pytest.mark.slow
def test_the_doctor_finds_this_machine_in_order(capsys):
    text = done(capsys, "doctor").out
    assert text.endswith("Nothing is broken.\n")
    assert "times as fast as real time" in text
