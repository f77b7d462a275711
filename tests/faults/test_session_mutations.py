"""Damaged sessions: `report` and `rescore` read what is there or say what is wrong in one sentence, in seconds."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from babble_jax.agent.session import coupling
from babble_jax.agent.session import rescore as rescoring
from babble_jax.agent.session.read import read_session
from babble_jax.agent.session.report import report_session
from babble_jax.agent.session.report_text import report_text
from babble_jax.errors import BabbleError
from babble_jax.timing.floor.knobs import Knobs
from babble_jax.timing.preset import load_timing
from tests.agent.session.simulated_session import PRESET, record, simulate
from tests.dialogue.simulated import corpus
from tests.faults.mutations import Mutate, choose, mutate_bytes, mutate_json, try_mutations

SECONDS, SEED = 20.0, 5


def mutate_table(content: bytes, draws) -> bytes:
    """Replaces a field, or moves, repeats or drops a line, of a table."""
    lines = content.decode().split("\n")
    at = draws.randrange(len(lines))
    match draws.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(draws.randrange(len(lines)), lines[at])
        case _:
            fields = lines[at].split(",")
            values = (
                "",
                "nan",
                "inf",
                "-inf",
                "-1",
                "0",
                "1",
                "2",
                "3.5",
                "1e308",
                "x",
                "9" * 400,
                '"',
                "é",
                "\x00",
            )
            fields[draws.randrange(len(fields))] = draws.choice(values)
            lines[at] = ",".join(fields)
    return "\n".join(lines).encode()


def mutate_entries(content: bytes, draws) -> bytes:
    """Mutates the JSON of one line of a log."""
    lines = content.decode().split("\n")
    at = draws.randrange(max(len(lines) - 1, 1))
    lines[at] = mutate_json(lines[at].encode(), draws).decode("utf-8", "surrogatepass").replace("\n", " ")
    return "\n".join(lines).encode("utf-8", "surrogatepass")


KINDS: dict[str, Mutate] = {
    "session.json": choose(mutate_bytes, mutate_json, mutate_json),
    "session.wav": mutate_bytes,
    "session.csv": choose(mutate_bytes, mutate_table, mutate_table),
    "decisions.csv": choose(mutate_bytes, mutate_table, mutate_table),
    "events.jsonl": choose(mutate_bytes, mutate_entries, mutate_entries),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[bool, Path]:
    """A session that was closed, and the same one cut short."""
    closed = tmp_path_factory.mktemp("mutations") / "closed"
    record(closed, simulate(SECONDS, SEED), SEED)
    short = shutil.copytree(closed, closed.with_name("short"))
    path = short / "session.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"complete": False, "samples": 0}))
    return {True: closed, False: short}


@pytest.fixture
def quick(monkeypatch):
    """Fewer draws, no least number of stretches, and hazards that are remembered where the decisions are the same."""
    replay, memory = rescoring._replay, {}

    def remember(session, timing, knobs, progress, count=None):
        columns = sorted(session.decisions.items())
        key = json.dumps(session.config), tuple((name, values.tobytes()) for name, values in columns)
        key = (*key, knobs, count)
        if key not in memory:
            if len(memory) > 3:
                memory.clear()
            memory[key] = replay(session, timing, knobs, progress, count)
        return memory[key]

    monkeypatch.setattr(rescoring, "_replay", remember)
    monkeypatch.setattr(rescoring, "MIN_EFFECTIVE", 0.0)
    monkeypatch.setattr(rescoring, "MOST_SHARE", 1.1)
    monkeypatch.setattr(rescoring, "DRAWS", 5)
    monkeypatch.setattr(coupling, "DRAWS", 5)
    monkeypatch.setattr("babble_jax.timing.evaluation.speaker.comparison.DRAWS", 5)


def use(folder: Path) -> Callable[[], str]:
    """Returns a function that reports and rescores a session; where one is refused, the other is tried all the same."""
    timing, people = load_timing(PRESET), corpus()[:1]

    def run() -> str:
        session = read_session(folder)
        refusals = []
        try:
            report = report_session(session, people, PRESET)
            text = report_text(report) + json.dumps(report.to_json(), allow_nan=False)
        except BabbleError as error:
            text, refusals = "", [error]
        try:
            other = rescoring.rescore(session, timing, Knobs(patience=1.2))
            assert np.isfinite(other.weights).all()
            text += json.dumps(other.to_json(), allow_nan=False)
        except BabbleError as error:
            refusals.append(error)
        if refusals:
            raise refusals[0]
        return text

    return run


def damage(folders: dict[bool, Path], name: str, count: int) -> None:
    for complete, folder in folders.items():
        run = use(folder)
        run()
        outcomes = try_mutations(folder / name, run, KINDS[name], count // 2)
        print(f"{name}, {'closed' if complete else 'cut short'}: {count // 2} mutations, {dict(outcomes)}")


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_session_is_reported_or_refused(folders, quick, name):
    damage(folders, name, 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_session_is_reported_or_refused_5000_times(folders, quick, name):
    damage(folders, name, 5000)
