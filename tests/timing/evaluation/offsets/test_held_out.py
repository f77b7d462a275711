"""Splits by group and by speaker. Axes: M offsets."""

import dataclasses

import numpy as np
import pytest

from babble_jax.conversation.conversation import Conversation
from babble_jax.errors import BabbleError
from babble_jax.timing import events
from babble_jax.timing.evaluation.offsets.held_out import hold_out
from babble_jax.timing.evaluation.offsets.ranking import fit
from babble_jax.timing.evaluation.offsets.ranking_text import report_text
from babble_jax.timing.splits import in_train
from tests.timing.chain import switchboard_chain


@pytest.fixture(scope="module")
def dialogues() -> list[Conversation]:
    """Two and a half hours drawn from a chain of IPUs."""
    return [switchboard_chain().sample(seed, 300.0) for seed in range(30)]


@pytest.fixture(scope="module")
def talks(dialogues) -> list[Conversation]:
    """The same as talks of seven people, two in each."""
    return [
        dataclasses.replace(one, speakers=(f"P{i % 7}", f"P{(i + 1 + i // 7) % 7}"))
        for i, one in enumerate(dialogues)
    ]


def test_every_offset_is_held_out_once(dialogues):
    parts = hold_out(dialogues, "ipu", events.Definitions())
    heldout = np.stack([~one.train for one in parts.folds()])
    np.testing.assert_array_equal(heldout.sum(axis=0), 1)
    np.testing.assert_array_equal(heldout[-1], ~parts.train)
    for one in parts.folds():
        assert not set(parts.unit[one.train]) & set(parts.unit[~one.train])


def test_split_by_speaker(talks):
    """Each person's offsets, whatever the conversation, are on one side, by the hash of corpus and name."""
    parts = hold_out(talks, "ipu", events.Definitions(), "speaker")
    pooled = events.pool_ftos(talks, "ipu", events.Definitions())
    for i in (0, 5, len(pooled) // 2, len(pooled) - 1):
        talk = talks[pooled.conversation[i]]
        name = f"{talk.corpus} {talk.speakers[pooled.speaker[i]]}"
        assert parts.unit[i] == name
        assert parts.train[i] == in_train(name)
    assert len(np.unique(parts.unit)) == 7
    both = [pooled.conversation[rows] for rows in (parts.train, ~parts.train)]
    assert set(both[0]) & set(both[1])  # conversations, not people, are on both
    report = fit(talks, families=["normal"], by="speaker", folds=1)
    assert report.groups == len(set(parts.unit[~parts.train])) == 1
    assert report.to_json()["by"] == "speaker"
    assert "one speaker held out: no interval" in report_text(report)
    three = dataclasses.replace(report, groups=3)
    assert "over 3 held-out speakers" in report_text(three)
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
