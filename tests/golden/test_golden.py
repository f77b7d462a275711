"""The code gives the golden values; see `make.py`."""

import copy
import json

import numpy as np
import pytest

from tests.golden import make

FILES = {
    maker.__name__: json.loads((make.HERE / f"{maker.__name__}.json").read_text("utf-8"))
    for maker in make.CASES
}
CASES = [
    pytest.param(maker, case, id=f"{maker.__name__}-{case}")
    for maker in make.CASES
    for case in make.CASES[maker]
]


def differences(golden: make.Part, computed: make.Part, same: bool) -> list[str]:
    """Names of the values of a part that are not what they should be, on the `same` kind of CPU or another."""
    wrong = [kind for kind in ("exact", "within") if golden[kind].keys() != computed[kind].keys()]
    if same:
        wrong += [name for name, value in golden["exact"].items() if computed["exact"].get(name) != value]
    for name, near in golden["within"].items():
        ours = np.array(computed["within"].get(name, {"value": None})["value"], np.float64)
        expected = np.array(near["value"])
        if ours.shape != expected.shape or not np.all(np.abs(ours - expected) <= near["tolerance"]):
            wrong.append(f"{name}: {ours.tolist()}, not within {near['tolerance']:g} of {expected.tolist()}")
    return wrong


@pytest.mark.parametrize(("maker", "case"), CASES)
def test_the_values_are_the_golden_ones(maker, case):
    golden = FILES[maker.__name__]
    assert differences(golden["parts"][case], maker(case), golden["made_on"] == make.made_on()) == []


@pytest.mark.parametrize(("maker", "case"), CASES)
def test_another_value_is_seen(maker, case):
    """On every kind of CPU a number off by more than its tolerance; on the same one any bit."""
    part = FILES[maker.__name__]["parts"][case]
    assert differences(part, part, True) == []
    for name, near in part["within"].items():
        for off in (1.01 * near["tolerance"], -1.01 * near["tolerance"], np.nan):
            other = copy.deepcopy(part)
            other["within"][name]["value"] = (np.array(near["value"]) + off).tolist()
            assert len(differences(part, other, False)) == 1
    for name, value in part["exact"].items():
        other = copy.deepcopy(part)
        other["exact"][name] = moved(value)
        assert differences(part, other, True) == [name]


def moved(value):
    """A value with the least change in its first number or letter."""
    if isinstance(value, dict):
        first = next(iter(value))
        return {**value, first: moved(value[first])}
    if isinstance(value, list):
        return [moved(value[0]), *value[1:]]
    if isinstance(value, str):
        return ("1" if value[0] == "0" else "0") + value[1:]
    return value + 1 if isinstance(value, int) else float(np.nextafter(value, np.inf))


def test_every_file_holds_every_part():
    for maker, cases in make.CASES.items():
        assert tuple(FILES[maker.__name__]["parts"]) == cases
        assert all(part["within"] for part in FILES[maker.__name__]["parts"].values())
