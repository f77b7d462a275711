"""Values in memory and in a file. Axes: V values, C conversations."""

import numpy as np
import pytest

from babble_jax.timing.events import value_store
from babble_jax.timing.events.intervals import median_interval
from babble_jax.timing.events.measures import summarize_fto
from babble_jax.timing.events.value_store import ValueStore, summarize_stored_ftos


@pytest.mark.parametrize("decimals", [9, 1])
def test_a_file_gives_the_medians_of_the_values_in_memory(decimals, monkeypatch):
    monkeypatch.setattr(value_store, "MOST_IN_MEMORY", 300)
    draw = np.random.default_rng(decimals)
    for conversations in (120, 121, 122):
        parts = [
            np.round(draw.normal(0.1, 0.6, draw.integers(0, 20)), decimals) for _ in range(conversations)
        ]
        group = draw.integers(0, 40, conversations)
        store = ValueStore()
        for part in parts:
            store.add(part)
        values = np.concatenate(parts)
        assert store.in_memory() is None
        assert len(store) == len(values)
        np.testing.assert_array_equal(np.concatenate(list(store.chunks())), values)
        interval = median_interval(values, np.repeat(group, [len(part) for part in parts]))
        assert store.median_and_interval(group) == (np.median(values), interval)
        assert store.order_statistics([0, len(values) - 1]) == [values.min(), values.max()]
        summary, expected = summarize_stored_ftos(store), summarize_fto(values)
        assert list(summary) == list(expected)
        np.testing.assert_allclose(list(summary.values()), list(expected.values()), rtol=1e-12)


def test_no_values_and_one_group(monkeypatch):
    assert ValueStore().median_and_interval(np.zeros(0, int)) == (None, None)
    monkeypatch.setattr(value_store, "MOST_IN_MEMORY", 2)
    store = ValueStore()
    store.add(np.array([1.0, -0.0, 3.0, 2.0]))
    assert store.median_and_interval(np.array([7])) == (1.5, None)
