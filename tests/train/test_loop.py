"""A complete run: it resumes to the bit, refuses another config, stops on a loss that is not finite."""

import dataclasses
import json
import math
import shutil

import jax
import numpy as np
import pytest

from babble_jax.dataset.source import open_dataset
from babble_jax.errors import BabbleError
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.track import jsonl
from babble_jax.train.config import LogConfig, OptimizerConfig
from babble_jax.train.devices import device_mesh
from babble_jax.train.evaluate import Evaluator, ngram_baselines, subsample
from babble_jax.train.loop import train
from babble_jax.train.state import init_train_state
from babble_jax.voice.conditioning import activity
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
    with pytest.raises(json.JSONDecodeError):
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


def test_units_are_learned_once_and_go_with_the_voice(tones, tmp_path):
    config = small(tones)
    voice = dataclasses.replace(config.voice, local=activity.FEATURES, units=4)
    config = dataclasses.replace(config, voice=voice)
    log = dataclasses.replace(LOG, audio_seconds=0.3)
    train(config, tmp_path / "whole", 4, log)
    train(config, tmp_path / "parts", 2, log)
    units_file = (tmp_path / "parts" / "units.safetensors").read_bytes()
    train(config, tmp_path / "parts", 4, log)
    assert units_file == (tmp_path / "whole" / "voice" / "units.safetensors").read_bytes()
    one, two = load_voice(tmp_path / "whole"), load_voice(tmp_path / "parts")
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)
    later = dataclasses.replace(config, init_from=str(tmp_path / "whole"), seed=1)
    train(later, tmp_path / "later", 1, log)
    assert units_file == (tmp_path / "later" / "voice" / "units.safetensors").read_bytes()
    other = dataclasses.replace(config, voice=dataclasses.replace(voice, units=5))
    with pytest.raises(BabbleError, match=r"units: 4 -> 5"):
        train(other, tmp_path / "parts", 4, log)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "units.safetensors").write_bytes(units_file)
    with pytest.raises(BabbleError, match="holds 4 units of 1 speakers where the voice takes 5 of 1"):
        train(other, tmp_path / "other", 4, log)


def test_a_voice_of_another_shape_is_no_start_and_leaves_nothing(tones, unbroken, tmp_path):
    config = small(tones, init_from=str(unbroken[0]))
    levels = dataclasses.replace(config.voice.quantizer, q_levels=config.voice.quantizer.q_levels * 2)
    other = dataclasses.replace(config, voice=dataclasses.replace(config.voice, quantizer=levels))
    with pytest.raises(BabbleError, match="do not fit the model that is to be trained"):
        train(other, tmp_path / "run", 1, LOG)
    assert not (tmp_path / "run").exists()
    train(config, tmp_path / "run", 1, LOG)


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
    changed = small(tones, optimizer=OptimizerConfig(learning_rate=1e-2), batch_size=8)
    with pytest.raises(BabbleError, match=r"batch_size: 4 -> 8; optimizer.learning_rate: 0.003 -> 0.01"):
        train(changed, workdir, 20, LOG)
    again = train(small(tones), workdir, 12, dataclasses.replace(LOG, every=5, keep=1))
    assert again.step == report.step == 12
    assert again.validation == report.validation


def test_a_loss_that_is_not_finite_names_the_step_and_the_last_good_checkpoint(tones, tmp_path, monkeypatch):
    import babble_jax.train.loop as loop

    original_step = loop.train_step

    def poisoned(config):
        step = original_step(config)

        def run(state, batch, axis=None):
            state, metrics = step(state, batch, axis)
            return state, metrics._replace(nats=jax.numpy.where(state.step == 6, jax.numpy.nan, metrics.nats))

        return run

    monkeypatch.setattr(loop, "train_step", poisoned)
    with pytest.raises(BabbleError, match=r"not finite at step 6; the last good checkpoint is step 4"):
        train(small(tones), tmp_path, 12, LOG)
    assert jsonl.read_metrics(tmp_path / "metrics.jsonl")[-1]["step"] == 5


def test_a_voice_of_other_speakers_is_refused(tones, tmp_path):
    config = small(tones)
    config = dataclasses.replace(config, voice=dataclasses.replace(config.voice, speakers=("a", "b")))
    with pytest.raises(BabbleError, match="its speakers are not the voice's"):
        train(config, tmp_path, 1, LOG)


def test_the_evaluation_counts_every_sample_once_for_any_batch_size(tones):
    config = small(tones)
    recordings = subsample(open_dataset(tones, "train"), 5)
    params = init_train_state(config, 4).params
    scores = []
    for batch_size in (1, 3, 4):
        mesh = device_mesh("jit", batch_size, jax.devices()[:1])
        scores.append(Evaluator(config, mesh, recordings, batch_size)(params))
    assert {s.samples for s in scores} == {int(recordings.lengths.sum())}
    assert [s.bits for s in scores] == pytest.approx([scores[0].bits] * 3, rel=1e-5)
    # By hand: one recording after another, padded to whole frames, only real samples counted.
    voice, nats = config.voice.sample_model, 0.0
    apply, longest = jax.jit(voice.apply), int(recordings.lengths.max())
    for i in range(5):
        codes = config.voice.encode(recordings.read(i))[None]
        padded = np.pad(codes, ((0, 0), (0, longest + -longest % voice.frame - codes.shape[1])))
        logits, _ = apply(params, voice.initial_state(params, 1), padded)
        log_probs = jax.nn.log_softmax(logits)[0, : codes.shape[1]]
        nats -= float(np.take_along_axis(np.asarray(log_probs), np.asarray(codes)[0][:, None], axis=1).sum())
    assert scores[0].bits == pytest.approx(nats / recordings.lengths.sum() / math.log(2), rel=1e-4)


def test_the_ngram_baselines_by_hand(tones):
    config = small(tones).voice
    train_split, test_split = (
        subsample(open_dataset(tones, "train"), 3),
        subsample(open_dataset(tones, "train"), 1),
    )
    ngram_bits = ngram_baselines(config, train_split, test_split)
    q = config.quantizer.q_levels
    pairs, singles = np.zeros((q, q)), np.ones(q)
    for i in range(3):
        before = config.quantizer.zero
        for code in np.asarray(config.encode(train_split.read(i))):
            pairs[before, code] += 1
            singles[code] += 1
            before = code
    singles /= singles.sum()
    codes, before, unigram, markov = (
        np.asarray(config.encode(test_split.read(0))),
        config.quantizer.zero,
        0.0,
        0.0,
    )
    for code in codes:
        unigram -= np.log2(singles[code])
        markov -= np.log2((pairs[before, code] + q**0.5 * singles[code]) / (pairs[before].sum() + q**0.5))
        before = code
    assert ngram_bits == pytest.approx(
        {"unigram": unigram / len(codes), "markov": markov / len(codes)}, rel=1e-9
    )
