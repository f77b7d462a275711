"""An ear is trained on made recordings: killed at any moment it resumes to the bit; it learns; it starts from another.

All here compile a network, and are slow.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.ear import model
from babble_jax.errors import BabbleError
from babble_jax.pretrained.ear import load_ear
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.ear.loss import mask_features
from babble_jax.train.trainer import train
from tests.dataset.labelled.folders import festival
from tests.tiny_ear import tiny_ear
from tests.train.tasks.killed_training import check_killed_training

LOG = LogConfig(every=1, evaluate_every=0, evaluate_recordings=0, save_every=100)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return festival(tmp_path_factory.mktemp("labelled") / "voice", count=12)


@pytest.mark.slow
def test_a_training_that_is_killed_is_the_unbroken_one_to_the_bit(voice, tmp_path):
    lines = check_killed_training(voice, tmp_path, "ear", ((8, False), (14, True)), "ear")
    assert sum("validation/phone_error_rate" in line for line in lines) == 1


@pytest.mark.slow
def test_an_ear_learns_and_another_starts_from_it(voice, tmp_path):
    report = train(tiny_ear(voice), tmp_path / "one", 40, LOG)
    losses = [
        line["train/loss"]
        for line in jsonl.read_metrics(tmp_path / "one" / "metrics.jsonl")
        if "train/loss" in line
    ]
    assert losses[-1] < 0.7 * losses[0]
    assert report.evaluation.metrics["step_accuracy"] > 0.3
    ear = load_ear(tmp_path / "one")
    assert ear.config.symbols == ("pau", "a", "n")
    assert ear.card["steps"] == 40
    assert ear.ngram is not None
    assert (tmp_path / "one" / "media" / "00000040-posteriors.png").stat().st_size > 10_000

    task = tiny_ear(voice, init_from=str(tmp_path / "one"))
    task.open(resumed=False)
    jax.tree.map(np.testing.assert_array_equal, task.init(jax.random.key(5)), ear.params)
    other = tiny_ear(voice, init_from=str(tmp_path / "one"), symbols="graphemes")
    with pytest.raises(BabbleError, match="has other symbols or another shape"):
        other.open(resumed=False)


@pytest.mark.slow
def test_letters_without_times_are_learned_without_the_head_of_steps(voice, tmp_path):
    report = train(tiny_ear(voice, symbols="graphemes"), tmp_path, 2, LOG)
    assert "step_accuracy" not in report.evaluation.metrics
    ear = load_ear(tmp_path)
    assert not ear.config.frame_head
    assert " " in ear.config.symbols


@pytest.mark.slow
def test_the_loss_is_that_of_each_recording_by_itself(voice, tmp_path):
    """Padding and empty streams change nothing; the head of steps is counted as it is labelled."""
    task = tiny_ear(voice, tempo=0.0)
    task.open(resumed=False)
    task.prepare(tmp_path, LOG)
    params = task.init(jax.random.key(0))
    batch = task._batches.gather([0, 3, 5])  # of four streams
    loss = task.loss(params, (), batch)
    single = [task.loss(params, (), task._batches.gather([i])) for i in (0, 3, 5)]
    for name in ("ctc", "frame_nats", "frames_correct", "frames_labelled"):
        expected = sum(float(one.sums[name]) for one in single)
        assert float(loss.sums[name]) == pytest.approx(expected, rel=1e-5)
    assert float(loss.weight) == sum(batch["id_counts"])
    logits = model.apply(
        task.ear, params, jnp.asarray(batch["features"][:1], jnp.float32), batch["lengths"][:1]
    )
    assert logits.frames is not None
    log_probs = jax.nn.log_softmax(logits.frames[0])
    targets = batch["targets"][0]
    by_hand = -sum(float(log_probs[s, target]) for s, target in enumerate(targets) if target >= 0)
    assert float(single[0].sums["frame_nats"]) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.slow
def test_masks_hide_stretches_of_time_and_of_bands_up_to_their_size(voice):
    task = tiny_ear(voice, time_masks=1, time_mask=0.05, band_masks=1, band_mask=3)
    task.open(resumed=False)
    x, mean = jnp.ones((100, 8)), jnp.full(8, -1.0)
    keys = jax.random.split(jax.random.key(0), 200)
    masked = np.asarray(
        jax.vmap(lambda key: mask_features(task.config, task.ear, x, jnp.asarray(60), mean, key))(keys)
    )
    hidden = masked == -1
    bands, times = hidden.all(axis=1).sum(axis=1), hidden.all(axis=2).sum(axis=1)
    assert {*bands.tolist()} == {0, 1, 2, 3}
    assert {*times.tolist()} == {0, 1, 2, 3, 4, 5}
    assert not hidden.all(axis=2)[:, 60:].any()  # within the recording
