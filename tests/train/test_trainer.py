"""A complete run: it resumes to the bit, refuses another config, stops on a loss that is not finite."""

import dataclasses
import shutil

import jax
import numpy as np
import pytest

from babble_jax.audio.quantize import Quantizer
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl
from babble_jax.train import trainer
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.trainer import train
from tests.small_run import small

LOG = LogConfig(every=1, evaluate_every=6, evaluate_recordings=2, save_every=4, audio_seconds=0)


@pytest.fixture(scope="module")
def unbroken(tones, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("unbroken")
    report = train(small(tones), workdir, 12, LOG)
    return workdir, report


def test_a_run_in_pieces_is_the_unbroken_run_to_the_bit(tones, unbroken, tmp_path):
    for steps in (5, 9):  # neither is a multiple of what is saved or scored
        train(small(tones), tmp_path, steps, dataclasses.replace(LOG, evaluate_every=0))
    with pytest.raises(BabbleError, match=r"broken.jsonl, line 2.*: is no line of metrics"):
        jsonl.read_metrics(_with_broken_line(tmp_path / "broken.jsonl"))
    # Metrics beyond the checkpoint, and half a line, as a kill leaves them, are cut.
    with (tmp_path / "metrics.jsonl").open("a") as log:
        log.write('{"step": 10, "train/bits": 99.0}\n{"step": 11, "tr')
    train(small(tones), tmp_path, 12, LOG)
    pieces = [line for line in jsonl.read_metrics(tmp_path / "metrics.jsonl") if "train/bits" in line]
    unbroken_lines = [
        line for line in jsonl.read_metrics(unbroken[0] / "metrics.jsonl") if "train/bits" in line
    ]
    assert pieces == unbroken_lines
    assert [line["step"] for line in unbroken_lines] == list(range(1, 13))
    jax.tree.map(np.testing.assert_array_equal, load_voice(tmp_path).params, load_voice(unbroken[0]).params)


@pytest.mark.slow
def test_units_are_learned_once_and_go_with_the_voice(tones, tmp_path):
    conditions = {"by_activity": True, "units": 4}
    log = dataclasses.replace(LOG, audio_seconds=0.3)
    train(small(tones, **conditions), tmp_path / "whole", 4, log)
    train(small(tones, **conditions), tmp_path / "parts", 2, log)
    units_file = (tmp_path / "parts" / "units.safetensors").read_bytes()
    train(small(tones, **conditions), tmp_path / "parts", 4, log)
    assert units_file == (tmp_path / "whole" / "voice" / "units.safetensors").read_bytes()
    one, two = load_voice(tmp_path / "whole"), load_voice(tmp_path / "parts")
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)
    later = small(tones, **conditions, init_from=str(tmp_path / "whole"), seed=1)
    train(later, tmp_path / "later", 1, log)
    assert units_file == (tmp_path / "later" / "voice" / "units.safetensors").read_bytes()
    conditions["units"] = 5
    with pytest.raises(BabbleError, match=r"units: 4 -> 5"):
        train(small(tones, **conditions), tmp_path / "parts", 4, log)
    train(small(tones, **conditions), tmp_path / "other", 1, log)
    (tmp_path / "other" / "units.safetensors").write_bytes(units_file)
    with pytest.raises(BabbleError, match="holds 4 units of 1 speaker where the voice takes 5 of 1"):
        train(small(tones, **conditions), tmp_path / "other", 4, log)


def test_a_voice_of_another_shape_is_no_start_and_leaves_nothing(tones, unbroken, tmp_path):
    start = {"init_from": str(unbroken[0])}
    other = small(tones, **start, quantizer=Quantizer("mu_law", 64))
    with pytest.raises(BabbleError, match="do not fit the model that is to be trained"):
        train(other, tmp_path / "run", 1, LOG)
    assert not (tmp_path / "run").exists()
    train(small(tones, **start), tmp_path / "run", 1, LOG)


def test_a_checkpoint_of_another_config_is_refused_even_where_the_folder_no_longer_says_so(
    tones, unbroken, tmp_path
):
    shutil.copytree(unbroken[0], tmp_path / "run")
    (tmp_path / "run" / "config.json").unlink()
    with pytest.raises(BabbleError, match="seed: 0 -> 1"):
        train(small(tones, seed=1), tmp_path / "run", 20, LOG)
    assert train(small(tones), tmp_path / "run", 12, LOG).step == 12  # the refusal has left nothing


def _with_broken_line(path):
    path.write_text('{"step": 1}\n{"st\n{"step": 2}\n')
    return path


def test_another_config_is_refused_with_the_difference_but_more_steps_are_not(tones, unbroken):
    workdir, report = unbroken
    optimizer = OptimizerConfig(learning_rate=1e-2, clip=2.0)
    changed = small(tones, optimizer=optimizer, batch_size=8)
    with pytest.raises(BabbleError, match=r"\(batch_size: 4 -> 8; optimizer.clip: 1.0 -> 2.0\)"):
        train(changed, workdir, 20, LOG)
    again = train(small(tones), workdir, 12, dataclasses.replace(LOG, every=5, keep=1))
    assert again.step == report.step == 12
    assert again.evaluation == report.evaluation


def test_a_loss_that_is_not_finite_names_the_step_and_the_last_good_checkpoint(tones, tmp_path, monkeypatch):
    original_step = trainer.train_step

    def poisoned(task, schedule):
        step = original_step(task, schedule)

        def run(state, batch, axis=None):
            state, metrics = step(state, batch, axis)
            return state, metrics._replace(
                total=jax.numpy.where(state.step == 6, jax.numpy.nan, metrics.total)
            )

        return run

    monkeypatch.setattr(trainer, "train_step", poisoned)
    with pytest.raises(BabbleError, match=r"not finite at step 6; the last good checkpoint is step 4"):
        train(small(tones), tmp_path, 12, LOG)
    assert jsonl.read_metrics(tmp_path / "metrics.jsonl")[-1]["step"] == 5


def test_a_voice_of_other_speakers_is_refused(tones, tmp_path):
    with pytest.raises(BabbleError, match="its speakers are not the voice's"):
        train(small(tones, speakers=("a", "b")), tmp_path, 1, LOG)
