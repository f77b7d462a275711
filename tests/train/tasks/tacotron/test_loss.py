"""The sums of the loss, against their definitions on arrays; no model is compiled."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.tacotron.inputs import PhoneInputs
from babble_jax.train.tasks.tacotron.config import TacotronTrainConfig
from babble_jax.train.tasks.tacotron.loss import attention_loss, drop_frames, drop_prosody, frame_error
from babble_jax.train.tasks.tacotron.task import forced_schedule, guide_schedule


def test_errors_of_frames_are_means_over_bands():
    prediction, true = jnp.array([[[1.0, 3.0]]]), jnp.array([[[0.0, 1.0]]])
    assert [float(frame_error(kind, prediction, true)[0, 0]) for kind in ("l1", "l2", "both")] == [
        1.5,
        2.5,
        4.0,
    ]


@pytest.mark.slow
def test_labels_lead_where_there_are_times_and_the_diagonal_elsewhere():
    attention = jnp.tile(jnp.eye(2)[None], (2, 1, 1))
    inputs = PhoneInputs(np.zeros((2, 2), np.int32), np.array([2, 2], np.int32))
    ends, lengths = jnp.array([[2.0, 4.0], [0.0, 0.0]]), jnp.array([4, 4])
    led, on_phones = attention_loss(attention[:, ::-1], inputs, ends, lengths, 2)
    np.testing.assert_allclose(led[0], -np.log(1e-6), rtol=1e-5)
    np.testing.assert_allclose(led[1], 1 - np.exp(-0.25 / 0.08), rtol=1e-5)
    np.testing.assert_array_equal(on_phones, 0)
    led, on_phones = attention_loss(attention, inputs, ends, lengths, 2)
    np.testing.assert_allclose(led, 0, atol=1e-5)
    np.testing.assert_array_equal(on_phones, [[1, 1], [0, 0]])
    led, on_phones = attention_loss(attention[:, ::-1], inputs, ends, lengths, 2, by_labels=False)
    np.testing.assert_allclose(led, 1 - np.exp(-0.25 / 0.08), rtol=1e-5)


@pytest.mark.slow
def test_prosody_is_left_out_as_a_whole_or_by_channel():
    keys = jax.random.split(jax.random.key(0), 2000)
    channels = np.asarray(drop_prosody(jnp.ones((2000, 2, 3)), keys, 0.2))
    np.testing.assert_array_equal(channels[:, 0], channels[:, 1])
    assert abs(np.mean(np.all(channels[:, 0] == 0, axis=1)) - (0.2 + 0.8 * 0.2**3)) < 0.03
    assert abs(np.mean(channels[:, 0] == 0) - 0.36) < 0.03


def test_whole_frames_are_left_out_of_what_the_decoder_sees():
    keys = jax.random.split(jax.random.key(0), 4)
    frames = np.asarray(drop_frames(jnp.ones((4, 500, 3)), keys, 0.2))
    np.testing.assert_array_equal(frames, np.repeat(frames[..., :1], 3, axis=2))
    assert abs(np.mean(frames == 0) - 0.2) < 0.03
    assert not np.array_equal(frames[0], frames[1])
    longer = np.asarray(drop_frames(jnp.ones((4, 600, 3)), keys, 0.2))
    np.testing.assert_array_equal(longer[:, :500], frames)


def test_of_some_utterances_the_decoder_sees_nothing():
    keys = jax.random.split(jax.random.key(0), 2000)
    seen = np.asarray(drop_frames(jnp.ones((2000, 20, 1)), keys, 0.2, 0.3))[..., 0]
    blind = np.all(seen == 0, axis=1)
    assert abs(np.mean(blind) - 0.3) < 0.03
    others = np.asarray(drop_frames(jnp.ones((2000, 20, 1)), keys, 0.2))[..., 0]
    np.testing.assert_array_equal(seen[~blind], others[~blind])


def test_guidance_ends_after_its_steps():
    weight = guide_schedule(TacotronTrainConfig(guide_weight=0.4, guide_steps=100))
    assert [round(weight(number), 3) for number in (0, 50, 75, 100, 200)] == [0.4, 0.4, 0.2, 0.0, 0.0]
    assert guide_schedule(TacotronTrainConfig(guide_weight=0.4))(10**6) == 0.4
    assert guide_schedule(TacotronTrainConfig(guide="none"))(0) == 0


def test_no_alignment_is_forced_after_its_steps():
    share = forced_schedule(TacotronTrainConfig(forced_steps=100))
    assert share is not None
    assert [share(number) for number in (0, 25, 100, 200)] == [1.0, 0.75, 0.0, 0.0]
    assert forced_schedule(TacotronTrainConfig()) is None


def test_alignments_are_forced_to_the_end_in_a_share_of_the_utterances():
    share = forced_schedule(TacotronTrainConfig(forced_steps=100, forced=0.5))
    assert share is not None
    assert [share(number) for number in (0, 25, 100, 200)] == [1.0, 0.75, 0.5, 0.5]
    share = forced_schedule(TacotronTrainConfig(forced=0.9))
    assert share is not None
    assert [share(number) for number in (0, 10**6)] == [0.9, 0.9]
