"""The floor as competing hazards. Axes: N IPUs, C cells, K groups, P speakers."""

import dataclasses
import json

import jax
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.floor import calibrate, effects, hazards
from babble_jax.timing.floor.effects import GROUPS, Counts
from babble_jax.timing.floor.exposure import exposure
from babble_jax.timing.floor.fit import fit_hazards
from babble_jax.timing.floor.sampler import drawn_effects
from babble_jax.timing.floor.simulator import FloorSimulator, Layer, SimulatorCard, fixed_likelihood
from babble_jax.timing.floor.state import BINS, CELLS
from tests.timing.floor.plain_state import plain_log_likelihood, random_table

DEFINITIONS = events.Definitions()
K = len(GROUPS)


def conversation(intervals, speakers: int, seconds: float) -> Conversation:
    who, onset, offset = zip(*intervals, strict=True)
    return Conversation(
        id="made",
        corpus="made",
        speakers=tuple("ABCDE"[:speakers]),
        speaker=np.array(who, np.int32),
        onset=np.array(onset, float),
        end=np.array(offset, float),
        mark=np.zeros(len(who), np.uint8),
        unit="ipu",
        language=None,
        group="made",
        windows=np.array([[0.0, seconds]]),
    )


def simulator(kernel: dict[int, tuple[float, float]], bias: tuple[float, float], own=None, shared=None):
    """Log-linear hazards: what the inputs of these numbers add to each log-hazard."""
    weights = np.zeros((hazards.FEATURES + hazards.CROSSED, 2))
    for row, values in kernel.items():
        weights[row] = values
    zero = 1e-6 * np.eye(K)
    return FloorSimulator(
        SimulatorCard("made", 1, 1.0, 2),
        DEFINITIONS,
        [Layer(weights.tolist(), list(bias))],
        [0.0] * K,
        (zero if own is None else own).tolist(),
        (np.zeros((K, K)) if shared is None else shared).tolist(),
    )


ON, OTHER_ON = 1, 3  # inputs: the second indicator of the first two parts
LIVELY = simulator({ON: (0.7, 0.0), OTHER_ON: (-0.9, 0.6), 7: (0.3, 0.0)}, (-4.6, -6.5))
"""Log-hazards that depend on who is on; about 25 IPUs a minute."""

# A pause, a backchannel within B's turn, a take-over in overlap, a gap, an overlap within, a false start.
DYAD = [
    (0, 0.5, 2.013),
    (0, 2.4, 3.0),
    (1, 2.9, 6.2),
    (0, 4.5, 4.905),
    (0, 6.505, 7.7),
    (1, 7.5, 7.8),
    (1, 8.02, 8.5),
    (0, 9.2, 10.6),
    (1, 9.6, 9.7),
]
TRIAD = [*DYAD, (2, 2.95, 3.4), (2, 8.1, 9.9), (2, 11.0, 11.4)]


@pytest.mark.parametrize(("intervals", "speakers"), [(DYAD, 2), (TRIAD, 3)])
def test_the_likelihood_is_that_of_frame_by_frame(intervals, speakers):
    made = conversation(intervals, speakers, 14.0)
    units = events.ipus(made, DEFINITIONS)
    rows = list(zip(units.speaker.tolist(), units.onset.tolist(), units.end.tolist(), strict=True))
    assert len(rows) == len(intervals)
    short = events.backchannels(units, DEFINITIONS).tolist()
    assert any(short)
    table = random_table(speakers)
    plain = plain_log_likelihood(rows, short, speakers, 1400, table, DEFINITIONS)
    fast = fixed_likelihood(exposure([made], DEFINITIONS), table.reshape(CELLS, 2))
    np.testing.assert_allclose(fast, [plain], rtol=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=5)
def test_the_likelihood_of_whatever_is_drawn(seed):
    made = LIVELY.draw(seed, [0], 40.0)[0]
    units = events.ipus(made, DEFINITIONS)
    rows = list(zip(units.speaker.tolist(), units.onset.tolist(), units.end.tolist(), strict=True))
    table = random_table(seed)
    short = events.backchannels(units, DEFINITIONS).tolist()
    plain = plain_log_likelihood(rows, short, 2, 4000, table, DEFINITIONS)
    fast = fixed_likelihood(exposure([made], DEFINITIONS), table.reshape(CELLS, 2))
    np.testing.assert_allclose(fast, [plain], rtol=1e-6)


def test_counts_of_conversations_do_not_depend_on_their_company():
    made = LIVELY.draw(3, range(4), 30.0)
    three = LIVELY.draw(4, range(2), 50.0, speakers=3)
    both = exposure([*made, *three], DEFINITIONS)
    table = random_table(0).reshape(CELLS, 2)
    apart = np.concatenate([fixed_likelihood(exposure([c], DEFINITIONS), table) for c in [*made, *three]])
    np.testing.assert_allclose(fixed_likelihood(both, table), apart, rtol=1e-9)
    kept = np.array([True, False, True, False, False, True])
    np.testing.assert_allclose(fixed_likelihood(both.take(kept), table), apart[kept], rtol=1e-9)


@given(seed=st.integers(0, 10**6), speakers=st.integers(2, 4))
@settings(deadline=None, max_examples=20)
def test_the_events_of_a_drawn_dialogue_are_those_drawn(seed, speakers):
    """Nothing is merged or dropped, but for what an edge of the window cuts short."""
    made = LIVELY.draw(seed, [1], 60.0, speakers)[0]
    units = events.ipus(made, DEFINITIONS)
    long = made.end - made.onset >= DEFINITIONS.min_ipu - 1e-9
    order = np.lexsort((made.speaker[long], made.end[long], made.onset[long]))
    np.testing.assert_array_equal(units.onset, made.onset[long][order])
    np.testing.assert_array_equal(units.end, made.end[long][order])
    np.testing.assert_array_equal(units.speaker, made.speaker[long][order])
    cut = (made.onset <= 0) | (made.end >= 60)
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
    inside, whole = long.end < 30, short.end < 30
    np.testing.assert_array_equal(short.onset[whole], long.onset[inside])
    np.testing.assert_array_equal(short.end[whole], long.end[inside])


def test_constant_hazards_have_the_occupancy_of_two_coins():
    """Each side alternates on its own: minimum time plus a geometric one."""
    flat = simulator({ON: (0.5, 0.0)}, (-4.0, -30.0))
    made = flat.draw(0, range(200), 300.0)
    begin, end = (-np.expm1(-np.exp(v)) for v in (-4.0, -3.5))
    on, off = 5 + (1 - end) / end, 20 + (1 - begin) / begin  # frames: 50 ms, 200 ms
    share = on / (on + off)
    found = [events.ipus(c, DEFINITIONS) for c in made]
    speaking = np.array([u.duration.sum() for u in found]) / 600
    assert speaking.mean() == pytest.approx(share, abs=4 * speaking.std() / np.sqrt(200))
    both = []
    for c in made:
        frames = np.zeros((2, 30000), bool)
        for s, a, b in zip(c.speaker, c.onset, c.end, strict=True):
            frames[s, round(a * 100) : round(b * 100)] = True
        both.append((frames[0] & frames[1]).mean())
    assert np.mean(both) == pytest.approx(share**2, abs=4 * np.std(both) / np.sqrt(200))
    lengths = np.concatenate([u.duration[(u.onset > 1) & (u.end < 299)] for u in found])
    assert lengths.mean() == pytest.approx(on * 0.01, rel=0.02)


NO_KINDS = events.Definitions(backchannel_max=0.0)
"""Under which no IPU is a backchannel: kinds are told in hindsight, and what is told in hindsight is no cause."""


@pytest.fixture(scope="module")
def drawn() -> tuple[FloorSimulator, list[Conversation]]:
    made = simulator({ON: (0.7, 0.0), OTHER_ON: (-0.9, 0.0), 7: (0.3, 0.0)}, (-4.6, -30.0))
    own, shared = 0.09 * np.eye(K), 0.045 * np.eye(K)
    truth = dataclasses.replace(made, definitions=NO_KINDS, own=own.tolist(), shared=shared.tolist())
    halves = (truth.draw(1, range(100), 400.0, mirrored=mirrored) for mirrored in (False, True))
    return truth, [made for half in halves for made in half]


def test_a_fit_recovers_hazards_and_effects(drawn):
    truth, made = drawn
    rows = exposure(made, NO_KINDS)
    params, own, shared = fit_hazards(rows, steps=300)
    cells = np.unique(rows.cell)
    frames = np.bincount(rows.cell, rows.frames, CELLS)[cells]
    found, known = hazards.log_hazards(params, cells)[:, 0], truth.log_hazard[cells, 0]
    weight = frames * np.exp(known)
    assert np.average(found - known, weights=weight) == pytest.approx(0, abs=0.02)
    assert np.sqrt(np.average((found - known) ** 2, weights=weight)) < 0.15
    much = ["resume_early", "interrupt_late", "end_turn_early", "end_turn_late", "take_late"]
    index = [GROUPS.index(name) for name in much]
    np.testing.assert_allclose(np.diag(own)[index], 0.09, atol=0.03)
    np.testing.assert_allclose(np.diag(shared)[index], 0.045, atol=0.03)


def test_the_events_expected_in_each_bin_are_those_of_the_corpus(drawn):
    """What a smooth network alone does not give: of the own elapsed time and the others', by who is on."""
    rows = exposure(drawn[1], NO_KINDS)
    cells, at = np.unique(rows.cell, return_inverse=True)
    events_ = np.stack([np.bincount(at, rows.happened[:, i]) for i in (0, 1)], axis=1)
    half = np.bincount(at, rows.frames) - events_.sum(axis=1) / 2
    exposed = np.repeat(half[:, None], 2, axis=1)
    params = hazards.fit_network(cells, events_, exposed, hazards.initial(0), steps=100)
    expected = exposed[:, 0] * np.exp(hazards.log_hazards(params, cells)[:, 0], dtype=np.float64)
    on, others, *_, own, their = hazards.coordinates(cells)
    for elapsed in (own, their):
        place = np.ravel_multi_index((on, others, elapsed), (2, 2, BINS))
        happened = np.bincount(place, events_[:, 0], 4 * BINS)
        much = happened > 100
        assert much.sum() > 20
        np.testing.assert_allclose(np.bincount(place, expected, 4 * BINS)[much], happened[much], rtol=0.05)


@pytest.mark.parametrize("widths", [(), (5,), (6, 4)])
def test_the_table_of_all_cells(widths):
    rng = np.random.default_rng(0)
    params = jax.tree.map(
        lambda x: (x + rng.normal(0, 0.3, x.shape)).astype(np.float32), hazards.initial(1, widths)
    )
    cells = rng.integers(0, CELLS, 3000)
    found = np.asarray(hazards.table(params))
    np.testing.assert_allclose(found[cells], hazards.log_hazards(params, cells), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(effects.every_group()[cells], effects.groups(cells))


def test_the_beginning_of_a_call_calibrates_nothing():
    """A window that begins with ten seconds of silence is as one that begins with its first words."""
    late = [(who, a + 10, b + 10) for who, a, b in DYAD]
    short, long = (
        calibrate.rates(exposure([conversation(intervals, 2, seconds)], DEFINITIONS))
        for intervals, seconds in ((DYAD, 14.0), (late, 24.0))
    )
    np.testing.assert_array_equal(short, long)


def test_mirrored_dialogues_have_the_opposite_effects():
    own = np.zeros((K, K))
    ends = [i for i, name in enumerate(GROUPS) if name.startswith("end_turn")]
    own[np.ix_(ends, ends)] = 0.2
    people = dataclasses.replace(LIVELY, own=(own + 1e-6 * np.eye(K)).tolist(), shared=own.tolist())
    one, other = (
        np.array([np.mean(c.end - c.onset) for c in people.draw(0, range(60), 120.0, mirrored=mirrored)])
        for mirrored in (False, True)
    )
    assert np.mean((one - one.mean()) * (other - other.mean())) < -0.7 * one.std() * other.std()


def test_means_of_effects_are_found_by_drawing(drawn, monkeypatch):
    monkeypatch.setattr(calibrate, "HOURS", (15.0, 15.0))
    truth, made = drawn
    much = ["resume_early", "resume_late", "take_late", "interrupt_late", "end_turn_early", "end_turn_late"]
    index = [GROUPS.index(name) for name in much]
    mean = np.zeros(K)
    mean[index] = (0.3, -0.2, 0.25, -0.3, 0.2, -0.1)
    found = calibrate.calibrated(dataclasses.replace(truth, mean=mean.tolist()), exposure(made, NO_KINDS))
    np.testing.assert_allclose(np.array(found.mean)[index], 0, atol=0.05)


def test_effects_are_integrated_out():
    """The bound against quadrature, one speaker, one group."""
    rng = np.random.default_rng(0)
    events_, expected = np.zeros((4, K)), np.full((4, K), 1e-12)
    events_[:, 2], expected[:, 2] = (10, 25, 40, 60), rng.uniform(20, 40, 4)
    own = 0.2 * np.eye(K)
    got = effects.posterior(Counts(events_, expected, np.arange(4)), own, np.zeros((K, K)))[0].log_marginal
    for e, m, value in zip(events_[:, 2], expected[:, 2], got, strict=True):
        plain = scipy.integrate.quad(
            lambda b, e=e, m=m: np.exp(e * b - m * np.expm1(b)) * scipy.stats.norm.pdf(b, 0, np.sqrt(0.2)),
            -3,
            3,
        )[0]
        assert value == pytest.approx(np.log(plain), abs=0.01)


@pytest.mark.parametrize("speakers", [1, 2, 4])
def test_the_joint_covariance_holds_own_and_shared(speakers):
    rng = np.random.default_rng(speakers)
    a, b = rng.normal(size=(2, K, K))
    own, shared = a @ a.T + b @ b.T, a @ a.T * 0.5
    joint = effects.joint(own, shared, speakers).reshape(speakers, K, speakers, K)
    for s in range(speakers):
        for other in range(speakers):
            np.testing.assert_allclose(joint[s, :, other], own if s == other else shared, atol=1e-8)


def test_effects_of_a_dialogue_have_the_fitted_covariance(drawn):
    truth, _ = drawn
    tables = truth.tables(2)
    b = np.asarray(drawn_effects(jax.random.key(0), np.arange(20000), tables, 2))
    assert np.cov(b[:, 0, 3], b[:, 1, 3])[0] == pytest.approx([0.09, 0.045], abs=0.005)


def test_json_round_trip():
    again = FloorSimulator.from_json(json.loads(json.dumps(LIVELY.to_json())))
    assert again == LIVELY
    np.testing.assert_array_equal(again.log_hazard, LIVELY.log_hazard)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("layers", [], "at least one layer"),
        ("layers", [{"kernel": [[0.0, 0.0]], "bias": [0.0, 0.0]}], "inputs"),
        ("own", [[1.0]], "covariance"),
        ("shared", [[float("nan")] * K] * K, "covariance"),
    ],
)
def test_a_simulator_that_makes_no_sense_is_refused(field, value, message):
    with pytest.raises(BabbleError, match=message):
        FloorSimulator.from_json({**LIVELY.to_json(), field: value})
