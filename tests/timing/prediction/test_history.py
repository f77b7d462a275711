"""Nothing later reaches a prediction: random conversations, all later data replaced. Axes: N FTOs."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from babble_jax.conversation.conversation import Conversation, Mark
from babble_jax.timing.events import Definitions, floor_transfers, ipus
from babble_jax.timing.prediction.covariates import COLUMNS
from babble_jax.timing.prediction.history import build_histories, causal_covariates
from babble_jax.timing.prediction.speaker_history import segments_by_speaker
from tests.timing.prediction.conversations import DEFINITIONS, LEVELS, conversations, segments, talk


def replace_later(conversation: Conversation, moment: float, later: list, stretch: float) -> Conversation:
    """Everything at and after `moment` replaced by `later`; what runs there ends at another time after it."""
    before = conversation.onset < moment
    running = conversation.end > moment
    rows = [
        (s, a, moment + stretch if r else b, m)
        for s, a, b, m, r in zip(
            conversation.speaker[before].tolist(), conversation.onset[before].tolist(),
            conversation.end[before].tolist(), conversation.mark[before].tolist(), running[before], strict=True,
        )
    ]  # fmt: skip
    rows += [(s, moment + a, moment + b, m) for s, a, b, m in later]
    return talk(rows, len(conversation.speakers))


@settings(max_examples=150, deadline=None)
@given(conversations(), segments(2, high=60), st.sampled_from([0.013, 0.4, 3.0]), LEVELS, DEFINITIONS)
@example(
    # Two begin at one moment: who of them ends first decides who had the floor.
    talk([(0, 0.0, 0.05, 0), (0, 0.25, 0.5, 0), (1, 0.25, 0.45, 0)]),
    [(1, 0.0, 0.05, 0)], 0.013, "ipu", Definitions(merge=0.18, min_ipu=0.0),
)  # fmt: skip
def test_causal_views_do_not_see_later_data(conversation, later, stretch, fto_level, definitions):
    """Covariates, and the earlier offsets that count, are the same to the bit whatever comes after the moment."""
    past = build_histories(conversation, fto_level, definitions)
    units = ipus(conversation, definitions)
    transfers = floor_transfers(units, fto_level, definitions)
    row = np.flatnonzero(transfers.defined)
    for i in range(len(row)):
        previous = transfers.previous[row[i]]
        for view, moment in ((past.onset, units.onset[previous]), (past.end, units.end[previous])):
            changed = replace_later(conversation, moment, later, stretch)
            again = floor_transfers(ipus(changed, definitions), fto_level, definitions)
            count = view.history_length[i]
            defined = np.flatnonzero(again.defined)[:count]
            rows = list(zip(again.fto[defined], again.speaker[defined], again.time[defined], strict=True))
            assert [r[0] for r in rows] == past.fto[:count].tolist()
            assert [r[1] for r in rows] == past.speaker[:count].tolist()
            columns = causal_covariates(
                changed, definitions, moment, int(units.speaker[previous]), int(past.speaker[i]), rows
            )
            np.testing.assert_array_equal(columns, view.covariates[i])


@settings(max_examples=100, deadline=None)
@given(conversations(), st.integers(0, 60), st.integers(1, 40), segments(2, high=60), st.data())
def test_the_descriptive_view_does_not_see_the_coming_turn(conversation, move, length, later, data):
    """IPUs that are not over by E replaced: the taker's comes earlier or later and is another one, then all is."""
    definitions = Definitions()
    units = ipus(conversation, definitions)
    transfers = floor_transfers(units, "ipu", definitions)
    row = np.flatnonzero(transfers.defined)
    past = build_histories(as_ipus(units, conversation), "ipu", definitions)
    if not len(row):
        return
    i = data.draw(st.integers(0, len(row) - 1))
    previous, taker = transfers.previous[row[i]], transfers.speaker[row[i]]
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
    again = build_histories(talk(rows, len(units.speakers)), "ipu", definitions)
    at = np.flatnonzero(
        (again.fto + end > onset - 1e-6) & (again.fto + end < onset + 1e-6) & (again.speaker == taker)
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
@given(conversations(), LEVELS, DEFINITIONS)
def test_no_offset_comes_before_the_earliest(conversation, fto_level, definitions):
    past = build_histories(conversation, fto_level, definitions)
    assert (past.fto >= past.earliest - 1e-9).all()
    for view in (past.over, past.onset, past.end):
        assert view.covariates.shape == (len(past.fto), len(COLUMNS))
        assert np.isfinite(view.covariates).all()
        assert np.abs(view.covariates).max(initial=0) < 20
        assert (view.history_length <= np.arange(len(past.fto))).all()
    assert (past.over.history_length == np.arange(len(past.fto))).all()
    assert (past.onset.history_length <= past.end.history_length).all()


def test_by_hand():
    """A speaks 0 to 2 (two words, then laughter), B from 1.8 to 3, A again from 3.3."""
    laughs = int(Mark.LAUGHTER)
    conversation = talk(
        [(0, 0.0, 0.5, 0), (0, 0.5, 1.1, 0), (0, 1.2, 2.0, laughs), (1, 1.8, 3.0, 0), (0, 3.3, 4.0, 0)]
    )
    past = build_histories(conversation, "ipu", Definitions())
    assert past.fto.tolist() == [-0.2, 0.3]
    assert past.speaker.tolist() == [1, 0]
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
    assert over["has_holder_fto"].tolist() == [0, 1]
    np.testing.assert_allclose(over["holder_fto"][1], np.arcsinh(-0.2 / 0.3), rtol=1e-6)
    onset = dict(zip(COLUMNS, past.onset.covariates.T, strict=True))
    assert onset["taker_speaking"].tolist() == [0, 1]  # A speaks when B starts
    assert past.onset.history_length.tolist() == [0, 0]  # when B starts, its offset is not known yet
    assert past.end.history_length.tolist() == [0, 1]


def test_long_words_are_dropped_where_the_definitions_drop_them():
    conversation = talk([(0, 0.0, 3.0, 0), (0, 4.0, 4.5, 0), (1, 5.0, 5.5, 0)])
    for longest, count in ((None, 2), (1.5, 1)):
        definitions = dataclasses.replace(Definitions(), max_word=longest)
        assert len(segments_by_speaker(conversation, definitions)[0].onset) == count
    assert pytest.approx(0.5) == build_histories(conversation, "ipu", Definitions(max_word=1.5)).fto[0]
