"""Random conversations: the vectorized definitions equal the plain ones, and keep what they must keep."""

import dataclasses
import itertools

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from babble_jax.timing.events import (
    Definitions,
    FtoLevel,
    Kind,
    backchannels,
    floor_transfers,
    ipus,
    transitions,
)
from tests.timing.events import events_reference as plain

LEVELS: tuple[FtoLevel, ...] = ("ipu", "turn")
# A coarse grid makes ties and exact limits common; a fine one makes floats that are not what they look like.
GRIDS = st.sampled_from([0.05, 0.1, 0.025, 0.013])
DEFINITIONS = st.builds(
    Definitions,
    merge=st.sampled_from([0.0, 0.18, 0.2]),
    max_word=st.sampled_from([None, 1.5]),
    min_ipu=st.sampled_from([0.0, 0.05, 0.3]),
    backchannel_max=st.sampled_from([0.5, 1.0]),
    backchannel_isolation=st.sampled_from([0.3, 1.0]),
)


@st.composite
def conversations(draw, one_window=False, speakers=None):
    grid, speakers = draw(GRIDS), speakers or draw(st.integers(1, 4))
    segment = st.tuples(st.integers(0, speakers - 1), st.integers(0, 250), st.integers(-1, 40))
    segments = draw(st.lists(segment, max_size=30))
    edges = [0, 300] if one_window else sorted(draw(st.sets(st.integers(0, 300), min_size=2, max_size=6)))
    if draw(st.booleans()) and not one_window:
        windows = list(itertools.pairwise(edges))  # touching
    else:
        windows = list(zip(edges[0::2], edges[1::2], strict=False))
    return plain.talk(
        *((s, a * grid, (a + d) * grid) for s, a, d in segments),
        windows=tuple((a * grid, b * grid) for a, b in windows),
        speakers=speakers,
        unit=draw(st.sampled_from(["word", "ipu"])),
    )


def rows(units):
    onset, offset = (np.round(x * 1e9).astype(int).tolist() for x in (units.onset, units.end))
    return list(zip(onset, offset, units.speaker.tolist(), units.window.tolist(), strict=True))


def nanoseconds(values):
    return [None if np.isnan(v) else plain.to_nanoseconds(v) for v in values]


@settings(max_examples=300, deadline=None)
@given(conversations(), DEFINITIONS)
def test_equal_to_the_plain_definitions(conversation, definitions):
    units = ipus(conversation, definitions)
    expected = plain.ipus(conversation, definitions)
    assert rows(units) == expected

    t = transitions(units)
    table = zip(t.kind, nanoseconds(t.start), nanoseconds(t.end), t.before, t.after, strict=True)
    assert list(table) == plain.transitions(expected)

    short = plain.backchannels(expected, definitions)
    assert backchannels(units, definitions).tolist() == short

    for fto_level, left_out in zip(LEVELS, ([False] * len(expected), short), strict=True):
        transfers = floor_transfers(units, fto_level, definitions)
        verdict = list(zip(transfers.reason, nanoseconds(transfers.fto), strict=True))
        assert verdict == plain.sweep(expected, left_out)


@settings(max_examples=100, deadline=None)
@given(conversations(), DEFINITIONS)
def test_units_of_a_speaker_are_apart_and_within_a_window(conversation, definitions):
    units = ipus(conversation, definitions)
    assert np.all(units.onset < units.end)
    windows = np.round(conversation.windows, 9)
    assert np.all(units.onset >= windows[units.window, 0])
    assert np.all(units.end <= windows[units.window, 1])
    for speaker in range(len(conversation.speakers)):
        for window in range(len(windows)):
            own = units.take((units.speaker == speaker) & (units.window == window))
            assert np.all(np.round(own.onset[1:] - own.end[:-1], 9) >= definitions.merge)


@settings(max_examples=100, deadline=None)
@given(conversations(), DEFINITIONS, st.floats(0, 5000).map(lambda x: round(x, 9)))
def test_a_shift_in_time_changes_nothing(conversation, definitions, shift):
    moved = dataclasses.replace(
        conversation,
        onset=conversation.onset + shift,
        end=conversation.end + shift,
        windows=conversation.windows + shift,
    )
    a, b = ipus(conversation, definitions), ipus(moved, definitions)
    np.testing.assert_allclose(b.onset - shift, a.onset, atol=2e-9)
    np.testing.assert_array_equal(a.speaker, b.speaker)
    np.testing.assert_array_equal(transitions(a).kind, transitions(b).kind)
    np.testing.assert_array_equal(backchannels(a, definitions), backchannels(b, definitions))
    for fto_level in LEVELS:
        before, after = floor_transfers(a, fto_level, definitions), floor_transfers(b, fto_level, definitions)
        np.testing.assert_array_equal(before.reason, after.reason)
        np.testing.assert_allclose(before.fto, after.fto, atol=2e-9)


@settings(max_examples=100, deadline=None)
@given(conversations(), DEFINITIONS, st.permutations(range(4)))
def test_names_of_speakers_do_not_matter(conversation, definitions, names):
    units = ipus(conversation, definitions)
    # Of two units with the same times the sweep takes the lower number first: there the number does matter.
    assume(len({(a, b) for a, b, _, _ in rows(units)}) == len(units))
    names = np.array(names, np.int32)
    renamed = dataclasses.replace(conversation, speaker=names[conversation.speaker], speakers=tuple("ABCD"))
    other = ipus(renamed, definitions)
    np.testing.assert_array_equal(other.speaker, names[units.speaker])
    np.testing.assert_array_equal(backchannels(other, definitions), backchannels(units, definitions))
    np.testing.assert_array_equal(transitions(other).kind, transitions(units).kind)
    for fto_level in LEVELS:
        expected, value = (floor_transfers(u, fto_level, definitions) for u in (units, other))
        np.testing.assert_array_equal(value.fto, expected.fto)
        np.testing.assert_array_equal(value.reason, expected.reason)


@settings(max_examples=100, deadline=None)
@given(conversations(one_window=True), DEFINITIONS)
def test_backwards_the_transitions_are_the_same(conversation, definitions):
    end = conversation.windows[0, 1]
    mirrored = dataclasses.replace(conversation, onset=end - conversation.end, end=end - conversation.onset)
    there, back = transitions(ipus(conversation, definitions)), transitions(ipus(mirrored, definitions))
    # Backwards a moment's rounding may fall to the other side: whole nanoseconds are compared.
    assert back.kind[::-1].tolist() == there.kind.tolist()
    np.testing.assert_array_equal(back.before[::-1], there.after)
    np.testing.assert_allclose((end - back.end)[::-1], there.start, atol=2e-9)
    np.testing.assert_allclose((end - back.start)[::-1], there.end, atol=2e-9)


@settings(max_examples=100, deadline=None)
@given(conversations(one_window=True, speakers=2), DEFINITIONS)
def test_the_runs_account_for_the_sweep(conversation, definitions):
    """With two speakers each gap or overlap between is one offset of the sweep, of the same length.

    What the sweep has beyond these is the offsets of 0 and, where edges coincide, transfers without a solo.
    """
    units = ipus(conversation, definitions)
    t = transitions(units)
    length = np.round(np.where(t.kind == Kind.GAP, 1, -1) * (t.end - t.start), 9)
    by_runs = length[(t.kind == Kind.GAP) | (t.kind == Kind.OVERLAP_BETWEEN)].tolist()
    swept = floor_transfers(units, "ipu", definitions).fto
    left = swept[~np.isnan(swept)].tolist()
    for value in by_runs:
        left.remove(value)
    onset, offset = units.onset.tolist(), units.end.tolist()
    tied = len(set(onset)) < len(onset) or len(set(offset)) < len(offset)
    assert tied or all(value == 0 for value in left)
