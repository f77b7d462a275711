"""Splits by group and by speaker, cross-validation. Axes: M offsets."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.cross_validation import cross_validate
from babble_jax.timing.evaluation.offsets.held_out import hold_out
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.preset import load_timing
from babble_jax.timing.splits import FOLDS, fold, in_train


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Two and a half hours drawn from the shipped floor."""
    floor = load_timing("switchboard").floor
    assert floor is not None
    return [floor.sample(seed, 300.0) for seed in range(30)]


@pytest.fixture(scope="module")
def talks(dialogues) -> list[Conversation]:
    """The same as talks of seven people, two in each."""
    return [
        dataclasses.replace(one, speakers=(f"P{i % 7}", f"P{(i + 1 + i // 7) % 7}"))
        for i, one in enumerate(dialogues)
    ]


def test_folds_are_even_and_end_with_the_split():
    folds = np.array([fold(f"call-{i}") for i in range(5000)])
    np.testing.assert_allclose(np.bincount(folds, minlength=FOLDS) / 5000, 1 / FOLDS, atol=0.02)
    assert all((fold(f"call-{i}") == FOLDS - 1) != in_train(f"call-{i}") for i in range(5000))


def test_every_offset_is_held_out_once(dialogues):
    parts = hold_out(dialogues, "ipu", events.Definitions())
    heldout = np.stack([~one.train for one in parts.folds()])
    np.testing.assert_array_equal(heldout.sum(axis=0), 1)
    np.testing.assert_array_equal(heldout[-1], ~parts.train)
    for one in parts.folds():
        assert not set(parts.unit[one.train]) & set(parts.unit[~one.train])


def test_cross_validated_scores_are_of_fits_on_the_other_folds(dialogues):
    found = cross_validate(dialogues, "ipu", families=["logistic", "normal"])
    own = events.offsets(dialogues, "ipu", events.Definitions())
    which = np.array([fold(group) for group in own.group])[own.conversation]
    expected = np.zeros(len(own))
    for one in np.unique(which):
        y = own.value[which != one]
        expected[which == one] = scipy.stats.norm.logpdf(own.value[which == one], y.mean(), y.std())
    best, normal = found.families
    assert (best.name, normal.name) == ("logistic", "normal")
    assert normal.heldout.value == pytest.approx(expected.mean(), abs=1e-9)
    assert normal.difference.value == pytest.approx(normal.heldout.value - best.heldout.value, abs=1e-12)
    assert normal.difference.low < normal.difference.value < normal.difference.high < 0
    assert (best.difference.low, best.difference.high) == (0, 0)
    printed = found.to_json()
    assert (printed["folds"], printed["groups"], printed["offsets"]) == (FOLDS, 30, len(own))
    assert [one["name"] for one in printed["families"]] == ["logistic", "normal"]
    # the last fold is the split of the report
    report = fit(dialogues, "ipu", families=["normal"])
    assert report.families[0].heldout_nats == pytest.approx(expected[which == FOLDS - 1].mean(), abs=1e-9)
    with pytest.raises(BabbleError, match="no family 'cauchy'"):
        cross_validate(dialogues, families=["cauchy"])


def test_split_by_speaker(talks):
    """Each person's offsets, whatever the conversation, are on one side, by the hash of corpus and name."""
    parts = hold_out(talks, "ipu", events.Definitions(), "speaker")
    found = events.offsets(talks, "ipu", events.Definitions())
    for i in (0, 5, len(found) // 2, len(found) - 1):
        talk = talks[found.conversation[i]]
        name = f"{talk.corpus} {talk.speakers[found.speaker[i]]}"
        assert parts.unit[i] == name
        assert parts.train[i] == in_train(name)
    assert len(np.unique(parts.unit)) == 7
    both = [found.conversation[side] for side in (parts.train, ~parts.train)]
    assert set(both[0]) & set(both[1])  # conversations, not people, are on both
    report = fit(talks, families=["normal"], by="speaker")
    assert report.groups == len(set(parts.unit[~parts.train]))
    assert report.to_json()["by"] == "speaker"
    assert f"over {report.groups} held-out speakers" in report_text(report)
    assert "who spoke before" in report.speakers


def test_a_split_by_group_counts_the_people_on_both_sides(talks):
    heldout = {name for one in talks if not in_train(one.group) for name in one.speakers}
    train = {name for one in talks if in_train(one.group) for name in one.speakers}
    sentence = hold_out(talks, "ipu", events.Definitions()).speakers
    assert sentence.startswith(f"{len(heldout & train)} of the {len(heldout)} held-out speakers")


def test_channels_are_no_speakers(dialogues, talks):
    with pytest.raises(BabbleError, match="channels or roles, not of people"):
        hold_out(dialogues, "ipu", events.Definitions(), "speaker")
    mixed = [*talks, *(dataclasses.replace(one, corpus="another") for one in dialogues)]
    with pytest.raises(BabbleError, match="split by group"):
        hold_out(mixed, "ipu", events.Definitions(), "speaker")
