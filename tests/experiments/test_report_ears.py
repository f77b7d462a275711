"""The sections of the pages on ears: what they say of made results, and that they are left out without one."""

import pytest

from experiments.report import ear_curves, ear_judged, ears
from experiments.report.catalogue import PLANNED
from experiments.report.ctc import section_on_ctc
from experiments.report.results import Result, read

RATE = {"rate": 0.1234, "low": 0.1, "high": 0.15}
POINT = {
    "value": 160.0,
    **RATE,
    "changed": [RATE, RATE | {"rate": 0.5}],
    "minutes_of_training_speech": 39.96,
    "passes": 44.12,
    "parameters": 1_970_000,
    "latency": 0.181,
    "test_utterances": 75,
}
CURVE = {"axis": "minutes", "updates": 1500, "changes": [0.9, 1.0], "rows": [POINT]}
MEASURES = {
    kind: {"sounds": 12} | dict.fromkeys(ear_judged._MEASURES, None if kind == "noise" else [1.0, 2.0, 3.0])
    for kind in ("speech", "noise", "voice babblers, woman")
}


def letters():
    """The values of an ear of letters: those of the one of phones, in its readings, without times."""
    values = read()["ear_festvox"].values
    rates = {key: rate for key, rate in values["error_rate"]["unfolded"].items() if key != "classified_steps"}
    return values | {"error_rate": dict.fromkeys(ears._READINGS, rates), "alignment": None}


BENCH = {
    "rows": [
        {"peer": peer, "minutes": minutes, "steps": steps, "phone_error_rate": 0.25}
        for peer, steps in (("ours", 600), ("torch", 400))
        for minutes in (5.0, 10.0)
    ],
    "updates_per_minute": {"ours": 120.4, "torch": 80.1},
    "parameters": 1_970_000,
    "minutes_of_training_speech": 76.4,
    "held_out": 75,
    "machine": {"cores": 1},
}
SECTIONS = {
    "ear_festvox_forward": (
        lambda one: ears._ear(one, "While it comes"),
        lambda: None,
        "| best path | 9.3 (8.4 to 10.3) |",
    ),
    "ear_graphemes": (ears._letters, letters, "| best path | 9.3 (8.4 to 10.3) | 9.3"),
    "ear_minutes": (ear_curves.section_on_minutes, lambda: CURVE, "| 40.0 | 44.1 | 12.3 (10.0 to 15.0) |"),
    "ear_look_ahead": (ear_curves.section_on_look_ahead, lambda: CURVE, "| 160 | 181 | 1.97 | 12.3 (10.0"),
    "ear_warps": (
        ear_curves.section_on_warps,
        lambda: CURVE | {"rows": [POINT | {"value": 0.1}]},
        "| 0.1 | 12.3",
    ),
    "ear_channels": (ear_curves.section_on_channels, lambda: CURVE, "| 160 | 12.3 (10.0 to 15.0) | 50.0"),
    "ear_judged": (
        ear_judged.section_on_babble,
        lambda: {"ear": "ru", "measures": MEASURES},
        "| voice babblers, woman | 12 | 2.0 (1.0 to 3.0) |",
    ),
    "bench_ctc": (section_on_ctc, lambda: BENCH, "| 10 | 600 | 400 | 1.50 | 25.0 | 25.0 |"),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_planned_result_has_its_section(name):
    section, make, row = SECTIONS[name]
    values = make() or read()["ear_festvox"].values
    text = "\n\n".join(section(Result(name, values | {"commit": "0" * 40}, PLANNED[name])))
    assert row in text
    assert f"`{name}`, commit `000000000000`" in text
    assert f"Command: `{PLANNED[name].command}`" in text
    assert "None" not in text


def test_without_a_result_there_is_no_section():
    for section in (
        ear_curves.section_on_minutes,
        ear_curves.section_on_look_ahead,
        ear_curves.section_on_warps,
        ear_curves.section_on_channels,
        ear_judged.section_on_babble,
        section_on_ctc,
    ):
        assert section(None) == []
