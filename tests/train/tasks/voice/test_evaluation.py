"""The evaluation counts every sample once; the n-gram baselines are those computed by hand; what a run starts from."""

import math

import jax
import numpy as np
import pytest

from babble_jax.dataset.source import open_dataset
from babble_jax.pretrained.pretrained import PretrainedVoice, save_voice
from babble_jax.train.devices import device_mesh
from babble_jax.train.state import init_train_state
from babble_jax.train.tasks.voice.evaluation import ngram_baselines, subsample
from tests.small_run import small


@pytest.mark.parametrize("emphasis", [0.0, 0.85])
def test_the_evaluation_counts_every_sample_once_for_any_batch_size(tones, emphasis):
    task = small(tones, emphasis=emphasis)
    recordings = subsample(open_dataset(tones, "train"), 5)
    params = init_train_state(task).params
    scores = []
    for batch_size in (1, 3, 4):
        mesh = device_mesh("jit", batch_size, jax.devices()[:1])
        scores.append(task.evaluator(mesh, recordings, batch_size)(params))
    assert {s.samples for s in scores} == {int(recordings.lengths.sum())}
    assert [s.bits for s in scores] == pytest.approx([scores[0].bits] * 3, rel=1e-5)
    # By hand: one recording after another, padded to whole frames, only real samples counted.
    voice, nats = task.voice.sample_model, 0.0
    apply, longest = jax.jit(voice.apply), int(recordings.lengths.max())
    for i in range(5):
        codes = task.voice.encode(recordings.read(i))[None]
        padded = np.pad(codes, ((0, 0), (0, longest + -longest % voice.frame - codes.shape[1])))
        logits, _ = apply(params, voice.initial_state(params, 1), padded)
        log_probs = jax.nn.log_softmax(logits)[0, : codes.shape[1]]
        nats -= float(np.take_along_axis(np.asarray(log_probs), np.asarray(codes)[0][:, None], axis=1).sum())
    assert scores[0].bits == pytest.approx(nats / recordings.lengths.sum() / math.log(2), rel=1e-4)


@pytest.mark.parametrize("parallel", ["jit", "pmap"])
def test_parameters_on_a_device_are_still_there_after_an_evaluation_on_several(tones, parallel):
    task = small(tones)
    recordings = subsample(open_dataset(tones, "train"), 4)
    params = init_train_state(task).params
    evaluate = task.evaluator(device_mesh(parallel, 4), recordings, 4)
    assert evaluate(params).bits == evaluate(params).bits
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(params))


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


def test_another_pre_emphasis_than_that_of_the_initial_voice_is_said(tones, tmp_path, capsys):
    before = small(tones)
    save_voice(PretrainedVoice(before.voice, init_train_state(before).params), tmp_path / "voice")
    start = {"init_from": str(tmp_path / "voice")}
    small(tones, **start).open(resumed=False)
    assert "pre-emphasis" not in capsys.readouterr().err
    small(tones, **start, emphasis=0.85).open(resumed=False)
    line = capsys.readouterr().err
    assert "pre-emphasis of 0, and those of this run one of 0.85" in line
    assert "--emphasis 0 keeps" in line
