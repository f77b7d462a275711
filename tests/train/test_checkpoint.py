"""A checkpoint is saved from four devices and resumed on one, mapped in the other way; after a kill; damaged."""

import shutil

import jax
import numpy as np
import pytest

from babble_jax.dataset.source import open_dataset
from babble_jax.dataset.tbptt import prefetch_batches
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl
from babble_jax.train import checkpoint as checkpoint_module
from babble_jax.train.checkpoint import Checkpoints
from babble_jax.train.config import LogConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.state import init_train_state
from babble_jax.train.step import train_step
from babble_jax.train.trainer import train
from tests.small_run import small
from tests.train.toy_task import LineConfig, LineTask

SAVED, STEPS = 3, 6


def data_of(task):
    config = task.config
    return iter(
        prefetch_batches(open_dataset(config.dataset), config.batch_size, config.subsequence, config.seed)
    )


def stepped(task, state, data, kind, devices, steps):
    """Makes further steps; returns the host state, and the nats of each step."""
    mesh = device_mesh(kind, task.config.batch_size, jax.devices()[:devices])
    step, state, nats = mesh.compile(train_step(task)), mesh.shard(state), []
    for _ in range(steps):
        state, metrics = step(state, next(data))
        nats.append(float(metrics.total))
    return mesh.unreplicate(state), nats


@pytest.fixture(scope="module")
def unbroken(tones):
    """On one device, without a break."""
    task = small(tones)
    data = data_of(task)
    outcome = stepped(task, init_train_state(task), data, "jit", 1, STEPS)
    data.close()
    return outcome


@pytest.mark.parametrize(("before", "after"), [(("pmap", 4), ("jit", 1)), (("jit", 4), ("pmap", 1))])
def test_a_run_saved_on_four_devices_resumes_on_one(tones, unbroken, tmp_path, before, after):
    """Equal to float32 rounding: the sums over streams are taken in another order."""
    task = small(tones)
    data = data_of(task)
    state, nats = stepped(task, init_train_state(task), data, *before, SAVED)
    checkpoints = Checkpoints(tmp_path, {}, 1)
    checkpoints.save(SAVED, state, data)
    checkpoints.close()
    data.close()

    data = data_of(task)
    checkpoints = Checkpoints(tmp_path, {}, 1)
    restored, complete = checkpoints.restore(init_train_state(task), data)
    checkpoints.close()
    assert complete
    jax.tree.map(np.testing.assert_array_equal, restored, state)
    state, further = stepped(task, restored, data, *after, STEPS - SAVED)
    data.close()
    assert nats + further == pytest.approx(unbroken[1], rel=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5), state, unbroken[0])


def test_streams_in_another_order_would_be_seen(tones, unbroken):
    """The check above can fail: streams that continue with each other's state have another loss."""
    task = small(tones)
    data = data_of(task)
    state, _ = stepped(task, init_train_state(task), data, "jit", 1, SAVED)
    turned = state._replace(carry=jax.tree.map(lambda x: x[::-1] if x.ndim else x, state.carry))
    _, nats = stepped(task, turned, data, "jit", 1, 1)
    data.close()
    assert nats[0] != pytest.approx(unbroken[1][SAVED], rel=1e-4)


@pytest.mark.slow
def test_a_kill_between_voice_and_checkpoint_leaves_no_older_voice_for_good(tones, tmp_path, monkeypatch):
    """A finished run does not write its voice again, so that the voice is saved first; the run on disk resumes."""
    log = LogConfig(every=1, evaluate_every=0, evaluate_recordings=1, save_every=2, audio_seconds=0)
    workdir, killed = tmp_path / "run", tmp_path / "killed"
    original_save = checkpoint_module.Checkpoints.save

    def snapshot(self, step, state, data, complete=True):
        if step == 4:
            shutil.copytree(workdir, killed)
        original_save(self, step, state, data, complete)

    monkeypatch.setattr(checkpoint_module.Checkpoints, "save", snapshot)
    train(small(tones), workdir, 4, log)
    monkeypatch.undo()
    assert load_voice(killed).card["steps"] == 4
    for folder in (killed, killed / "voice"):  # as a kill in the middle of a file leaves them
        (folder / ".metrics.babble-unfinished-12345678.jsonl").write_text("half")
    (killed / "voice" / "voice.json").unlink()
    (killed / "checkpoints" / "4.orbax-checkpoint-tmp").mkdir()

    train(small(tones), killed, 4, log)
    assert load_voice(killed).card == load_voice(workdir).card
    jax.tree.map(np.testing.assert_array_equal, load_voice(killed).params, load_voice(workdir).params)
    assert jsonl.read_metrics(killed / "metrics.jsonl") == jsonl.read_metrics(workdir / "metrics.jsonl")
    left = sorted(
        p.relative_to(killed) for p in killed.rglob("*") if "unfinished" in p.name or "tmp" in p.name
    )
    assert left == []


def flip_byte(workdir, step):
    """Flips a bit in the middle of the stored parameters of a checkpoint."""
    folder = workdir / "checkpoints" / str(step) / "state" / "d"
    path = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_flipped_byte_is_one_sentence_that_names_the_last_good_checkpoint(tmp_path):
    task = LineTask(LineConfig(batch_size=4))
    workdir, log = tmp_path / "run", LogConfig(save_every=2, keep=3)
    unbroken = train(task, workdir, 6, log)
    flip_byte(workdir, 6)
    with pytest.raises(
        BabbleError, match=r"checkpoints/6: .* remove its folder to go on from step 4, the last g"
    ):
        train(task, workdir, 8, log)
    flip_byte(workdir, 4)
    with pytest.raises(BabbleError, match="remove the folders 4, 6 to go on from step 2, the last good one"):
        train(task, workdir, 8, log)
    for step in (4, 6):
        shutil.rmtree(workdir / "checkpoints" / str(step))
    assert train(task, workdir, 6, log).evaluation == unbroken.evaluation
    for step in (2, 4, 6):
        flip_byte(workdir, step)
    with pytest.raises(BabbleError, match="there is no good one before it: begin anew in another folder"):
        train(task, workdir, 8, log)


def test_a_checkpoint_whose_files_are_intact_but_whose_content_is_other_is_refused(tmp_path, monkeypatch):
    """As a byte that flips in memory before it is written, or a file that is taken from another checkpoint."""
    task = LineTask(LineConfig(batch_size=4))
    train(task, tmp_path, 2, LogConfig())
    path = tmp_path / "checkpoints" / "2" / "position" / "metadata"
    path.write_text(path.read_text().replace("2", "3"))
    with pytest.raises(
        BabbleError, match=r"2: the checkpoint is damaged \(its content is not what was saved\)"
    ):
        train(task, tmp_path, 4, LogConfig())


def test_a_folder_without_a_checkpoint_takes_new_values(tmp_path, monkeypatch):
    """As after a first start for which the memory was too small."""

    def fail(self, key):
        raise BabbleError("There is not enough memory.")

    with monkeypatch.context() as patch:
        patch.setattr(LineTask, "init", fail)
        with pytest.raises(BabbleError, match="not enough memory"):
            train(LineTask(LineConfig(batch_size=800)), tmp_path, 2, LogConfig())
    assert (tmp_path / "config.json").exists()
    assert train(LineTask(LineConfig(batch_size=8)), tmp_path, 2, LogConfig()).step == 2
    with pytest.raises(BabbleError, match="another config"):
        train(LineTask(LineConfig(batch_size=16)), tmp_path, 2, LogConfig())
