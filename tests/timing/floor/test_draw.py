"""Dialogues drawn from hazards. Axes: N IPUs, K groups of hazards."""

import dataclasses

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.timing import events
from babble_jax.timing.floor.draw import draw_effects
from babble_jax.timing.floor.effects import GROUPS
from tests.timing.floor.floors import DEFINITIONS, LIVELY, ON, K, make_floor


@given(seed=st.integers(0, 10**6), speakers=st.integers(2, 4))
@settings(deadline=None, max_examples=20)
def test_the_events_of_a_drawn_dialogue_are_those_drawn(seed, speakers):
    """Nothing is merged or dropped, but for what an edge of the window cuts short."""
    dialogue = LIVELY.draw(seed, [1], 60.0, speakers)[0]
    units = events.ipus(dialogue, DEFINITIONS)
    long = dialogue.end - dialogue.onset >= DEFINITIONS.min_ipu - 1e-9
    order = np.lexsort((dialogue.speaker[long], dialogue.end[long], dialogue.onset[long]))
    np.testing.assert_array_equal(units.onset, dialogue.onset[long][order])
    np.testing.assert_array_equal(units.end, dialogue.end[long][order])
    np.testing.assert_array_equal(units.speaker, dialogue.speaker[long][order])
    cut = (dialogue.onset <= 0) | (dialogue.end >= 60)
    assert np.all(long | cut)


def test_a_dialogue_does_not_depend_on_its_batch():
    together = LIVELY.draw(5, range(4), 30.0)
    alone = LIVELY.draw(5, [2], 30.0)[0]
    np.testing.assert_array_equal(together[2].onset, alone.onset)
    np.testing.assert_array_equal(together[2].end, alone.end)
    np.testing.assert_array_equal(together[2].speaker, alone.speaker)
    other = LIVELY.draw(6, [2], 30.0)[0]
    assert other.onset.tolist() != alone.onset.tolist()
    assert together[1].onset.tolist() != alone.onset.tolist()


def test_a_longer_dialogue_begins_like_a_shorter_one():
    short, long = LIVELY.draw(5, [2], 30.0)[0], LIVELY.draw(5, [2], 50.0)[0]
    inside, complete = long.end < 30, short.end < 30
    np.testing.assert_array_equal(short.onset[complete], long.onset[inside])
    np.testing.assert_array_equal(short.end[complete], long.end[inside])


def test_constant_hazards_have_the_occupancy_of_two_coins():
    """Each speaker alternates independently: minimum time plus a geometric one."""
    flat = make_floor({ON: (0.5, 0.0)}, (-4.0, -30.0))
    dialogues = flat.draw(0, range(200), 300.0)
    begin, end = (-np.expm1(-np.exp(v)) for v in (-4.0, -3.5))
    on, off = 5 + (1 - end) / end, 20 + (1 - begin) / begin  # frames: 50 ms, 200 ms
    share = on / (on + off)
    units = [events.ipus(c, DEFINITIONS) for c in dialogues]
    speaking = np.array([u.duration.sum() for u in units]) / 600
    assert speaking.mean() == pytest.approx(share, abs=4 * speaking.std() / np.sqrt(200))
    both = []
    for c in dialogues:
        frames = np.zeros((2, 30000), bool)
        for s, a, b in zip(c.speaker, c.onset, c.end, strict=True):
            frames[s, round(a * 100) : round(b * 100)] = True
        both.append((frames[0] & frames[1]).mean())
    assert np.mean(both) == pytest.approx(share**2, abs=4 * np.std(both) / np.sqrt(200))
    lengths = np.concatenate([u.duration[(u.onset > 1) & (u.end < 299)] for u in units])
    assert lengths.mean() == pytest.approx(on * 0.01, rel=0.02)


def test_paired_dialogues_have_the_opposite_effects():
    own = np.zeros((K, K))
    ends = [i for i, name in enumerate(GROUPS) if name.startswith("end_turn")]
    own[np.ix_(ends, ends)] = 0.2
    people = dataclasses.replace(LIVELY, own=(own + 1e-6 * np.eye(K)).tolist(), shared=own.tolist())
    one, other = (
        np.array(
            [np.mean(c.end - c.onset) for c in people.draw(0, range(60), 120.0, opposite_effects=opposite)]
        )
        for opposite in (False, True)
    )
    assert np.mean((one - one.mean()) * (other - other.mean())) < -0.7 * one.std() * other.std()


def test_effects_of_a_dialogue_have_the_fitted_covariance(population):
    floor, _ = population
    tables = floor.tables(2)
    b = np.asarray(draw_effects(jax.random.key(0), np.arange(20000), tables.root, 2))
    assert np.cov(b[:, 0, 3], b[:, 1, 3])[0] == pytest.approx([0.09, 0.045], abs=0.005)
