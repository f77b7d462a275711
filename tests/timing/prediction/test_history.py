"""Nothing later reaches a prediction: random conversations, all later data inject_noise. Axes: N offsets."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.prediction.covariates import COLUMNS, COVARIATES
from babble_jax.timing.prediction.history import histories, seen
from babble_jax.timing.prediction.speaker_history import heard, speakers

LEVELS = st.sampled_from(["ipu", "turn"])
DEFINITIONS = st.builds(
    Definitions,
    merge=st.sampled_from([0.18, 0.2]),
    min_ipu=st.sampled_from([0.0, 0.05, 0.3]),
    backchannel_max=st.sampled_from([0.5, 1.0]),
    backchannel_isolation=st.sampled_from([0.3, 1.0]),
)


def talk(segments, speakers=2, unit="word") -> Conversation:
    """A conversation from (speaker, onset, offset, mark), seconds."""
    columns = list(zip(*segments, strict=True)) if segments else [[], [], [], []]
    return Conversation(
        "talk", "hand", tuple("ABCD"[:speakers]), np.array(columns[0], np.int32),
        np.array(columns[1], float), np.array(columns[2], float), np.array(columns[3], np.uint8),
        unit, None, "talk", np.array([[0.0, 1000.0]]),
    )  # fmt: skip


@st.composite
def segments(draw, speakers, low=0, high=400):
    segment = st.tuples(
        st.integers(0, speakers - 1), st.integers(low, high), st.integers(0, 40), st.sampled_from([0, 0, 1])
    )
    grid = 0.05
    return [
        (s, round(a * grid, 2), round((a + d) * grid, 2), m)
        for s, a, d, m in draw(st.lists(segment, max_size=40))
    ]


@st.composite
def dialogues(draw):
    speakers = draw(st.integers(2, 3))
    return talk(draw(segments(speakers)), speakers)


def inject_noise(conversation: Conversation, moment: float, later: list, stretch: float) -> Conversation:
    """Everything at and after `moment` replaced by `later`; what runs there ends at another time after it."""
    kept = conversation.onset < moment
    running = conversation.end > moment
    rows = [
        (s, a, moment + stretch if r else b, m)
        for s, a, b, m, r in zip(
            conversation.speaker[kept].tolist(), conversation.onset[kept].tolist(),
            conversation.end[kept].tolist(), conversation.mark[kept].tolist(), running[kept], strict=True,
        )
    ]  # fmt: skip
    rows += [(s, moment + a, moment + b, m) for s, a, b, m in later]
    return talk(rows, len(conversation.speakers))


@settings(max_examples=150, deadline=None)
@given(dialogues(), segments(2, high=60), st.sampled_from([0.013, 0.4, 3.0]), LEVELS, DEFINITIONS)
@example(
    # Two begin at one moment: who of them ends first decides who had the floor.
    talk([(0, 0.0, 0.05, 0), (0, 0.25, 0.5, 0), (1, 0.25, 0.45, 0)]),
    [(1, 0.0, 0.05, 0)], 0.013, "ipu", Definitions(merge=0.18, min_ipu=0.0),
)  # fmt: skip
def test_causal_views_do_not_see_later_data(conversation, later, stretch, fto_level, definitions):
    """Covariates, and the earlier offsets that count, are the same to the bit whatever comes after the moment."""
    past = histories(conversation, fto_level, definitions)
    units = ipus(conversation, definitions)
    found = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(found.defined)
    for i in range(len(row)):
        previous = found.previous[row[i]]
        for view, moment in ((past.onset, units.onset[previous]), (past.end, units.end[previous])):
            changed = inject_noise(conversation, moment, later, stretch)
            again = floor_transfers(ipus(changed, definitions), fto_level, definitions)
            known = view.known[i]
            defined = np.flatnonzero(again.defined)[:known]
            rows = list(zip(again.value[defined], again.speaker[defined], again.time[defined], strict=True))
            assert [r[0] for r in rows] == past.value[:known].tolist()
            assert [r[1] for r in rows] == past.side[:known].tolist()
            found_again = seen(
                changed, definitions, moment, int(units.speaker[previous]), int(past.side[i]), rows
            )
            np.testing.assert_array_equal(found_again, view.covariates[i])


@settings(max_examples=100, deadline=None)
@given(dialogues(), st.integers(0, 60), st.integers(1, 40), segments(2, high=60), st.data())
def test_the_descriptive_view_does_not_see_the_coming_turn(conversation, move, length, later, data):
    """IPUs that are not over by E replaced: the taker's comes earlier or later and is another one, then all is."""
    definitions = Definitions()
    units = ipus(conversation, definitions)
    found = floor_transfers(units, "ipu", definitions)
    row = np.flatnonzero(found.defined)
    past = histories(as_ipus(units, conversation), "ipu", definitions)
    if not len(row):
        return
    i = data.draw(st.integers(0, len(row) - 1))
    previous, taker = found.previous[row[i]], found.speaker[row[i]]
    end = units.end[previous]
    onset = end + past.earliest[i] + 0.05 * move + 1e-6
    stop = max(onset, end) + 0.05 * length + 0.06
    over = units.end <= end
    rows = [
        (int(s), a, b, 0)
        for s, a, b in zip(units.speaker[over], units.onset[over], units.end[over], strict=True)
    ]
    rows.append((int(taker), onset, stop, 0))
    rows += [(s, stop + 1 + a, stop + 1 + b, m) for s, a, b, m in later]
    again = histories(talk(rows, len(units.speakers)), "ipu", definitions)
    at = np.flatnonzero(
        (again.value + end > onset - 1e-6) & (again.value + end < onset + 1e-6) & (again.side == taker)
    )
    at = [k for k in at if k >= i]
    # Among three, one who was still speaking at E may have had the floor before; then another offset came before.
    if len(units.speakers) == 2:
        assert at[0] == i
        np.testing.assert_array_equal(again.over.covariates[i], past.over.covariates[i])
        assert again.earliest[i] == past.earliest[i]


def as_ipus(units, conversation) -> Conversation:
    rows = [(int(s), a, b, 0) for s, a, b in zip(units.speaker, units.onset, units.end, strict=True)]
    return talk(rows, len(conversation.speakers))


@settings(max_examples=100, deadline=None)
@given(dialogues(), LEVELS, DEFINITIONS)
def test_no_offset_comes_before_the_earliest(conversation, fto_level, definitions):
    past = histories(conversation, fto_level, definitions)
    assert (past.value >= past.earliest - 1e-9).all()
    for view in (past.over, past.onset, past.end):
        assert view.covariates.shape == (len(past.value), len(COLUMNS))
        assert np.isfinite(view.covariates).all()
        assert np.abs(view.covariates).max(initial=0) < 20
        assert (view.known <= np.arange(len(past.value))).all()
    assert (past.over.known == np.arange(len(past.value))).all()
    assert (past.onset.known <= past.end.known).all()


def test_by_hand():
    """A speaks 0 to 2 (two words, then laughter), B from 1.8 to 3, A again from 3.3."""
    laughs = int(Mark.LAUGHTER)
    conversation = talk(
        [(0, 0.0, 0.5, 0), (0, 0.5, 1.1, 0), (0, 1.2, 2.0, laughs), (1, 1.8, 3.0, 0), (0, 3.3, 4.0, 0)]
    )
    past = histories(conversation, "ipu", Definitions())
    assert past.value.tolist() == [-0.2, 0.3]
    assert past.side.tolist() == [1, 0]
    np.testing.assert_allclose(
        past.earliest, [-2.0, -0.8]
    )  # A's own IPU ended at 2.0, and 0.2 after it at the least
    over = dict(zip(COLUMNS, past.over.covariates.T, strict=True))
    np.testing.assert_allclose(over["log_ipu"], np.log([2.0, 1.2]), rtol=1e-6)
    np.testing.assert_allclose(over["log_segments"], np.log1p([3, 1]), rtol=1e-6)
    np.testing.assert_allclose(over["log_last_segment"], np.log([0.8, 1.2]), rtol=1e-6)
    np.testing.assert_allclose(over["log_taker_silence"], np.log([2.0, 1.0]), rtol=1e-6)
    assert over["holder_laughs"].tolist() == [1, 0]
    assert over["taker_never"].tolist() == [1, 0]
    assert over["holder_offset_known"].tolist() == [0, 1]
    np.testing.assert_allclose(over["holder_offset"][1], np.arcsinh(-0.2 / 0.3), rtol=1e-6)
    onset = dict(zip(COLUMNS, past.onset.covariates.T, strict=True))
    assert onset["taker_speaking"].tolist() == [0, 1]  # A speaks when B starts
    assert past.onset.known.tolist() == [0, 0]  # when B starts, its offset is not known yet
    assert past.end.known.tolist() == [0, 1]


def test_a_spurt_is_an_ipu_as_it_runs():
    conversation = talk([(0, 1.0, 1.5, 0), (0, 1.6, 2.0, 0), (0, 2.3, 3.0, 0), (0, 2.5, 2.6, 0)])
    speaker = speakers(conversation, Definitions())[0]
    at = heard(speaker, np.array([1.0, 1.2, 1.55, 1.8, 2.1, 2.55, 9.0]))
    np.testing.assert_array_equal(at.end, [np.nan, 1.2, 1.5, 1.8, 2.0, 2.55, 3.0])
    assert at.speaking.tolist() == [False, True, False, True, False, True, False]
    np.testing.assert_array_equal(at.start, [np.nan, 1.0, 1.0, 1.0, 1.0, 2.3, 2.3])
    assert at.segments.tolist() == [0, 1, 1, 2, 2, 2, 2]
    np.testing.assert_allclose(at.spoken, [0, 0.2, 0.5, 0.7, 0.9, 1.15, 1.6])
    assert at.before_end[-1] == 2.0


def test_every_column_is_of_one_covariate():
    assert len(set(COLUMNS)) == len(COLUMNS) == sum(map(len, COVARIATES.values()))


def test_long_words_are_dropped_where_the_definitions_drop_them():
    conversation = talk([(0, 0.0, 3.0, 0), (0, 4.0, 4.5, 0), (1, 5.0, 5.5, 0)])
    for longest, count in ((None, 2), (1.5, 1)):
        definitions = dataclasses.replace(Definitions(), max_word=longest)
        assert len(speakers(conversation, definitions)[0].onset) == count
    assert pytest.approx(0.5) == histories(conversation, "ipu", Definitions(max_word=1.5)).value[0]
