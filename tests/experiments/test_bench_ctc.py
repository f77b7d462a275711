"""The PyTorch ear computes what ours does; the benchmark of both goes on where it was stopped.

All here compile a network, and are slow.
"""

import dataclasses
import json

import jax
import numpy as np
import pytest

from babble_jax.train.config import LogConfig
from babble_jax.train.tasks.ear.config import EarShape
from experiments.bench.ctc import BenchCtc, updates_per_minute
from tests.dataset.labelled.folders import festival
from tests.tiny_ear import tiny_ear

SHAPE = EarShape(bands=16, stride=4, context=1, dim=12, layers=2, recurrent=6, recurrent_layers=2)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return festival(tmp_path_factory.mktemp("labelled") / "voice", count=12)


@pytest.mark.slow
def test_both_have_the_same_loss_and_the_same_gradients(voice, tmp_path):
    torch = pytest.importorskip("torch")
    from experiments.bench.torch_ctc import copy_ear, ear_loss

    task = tiny_ear(voice, model=SHAPE, dropout=0.0, time_masks=0, band_masks=0)
    task.open(resumed=False)
    task.prepare(tmp_path, LogConfig())
    rng = np.random.default_rng(0)
    params = task.init(jax.random.key(0))
    noisy = jax.tree.map(lambda x: x + rng.normal(0, 0.1, x.shape).astype(np.float32), params)
    params = noisy | {"normalization": params["normalization"]}  # no bias is 0
    batch = dict(next(task.batches()))
    batch["lengths"] = batch["lengths"] - 5 * np.arange(4, dtype=np.int32)  # not all of one length
    after = np.arange(batch["targets"].shape[1])[None] >= -(-batch["lengths"] // task.ear.stride)[:, None]
    batch["targets"] = np.where(after, -1, batch["targets"])
    loss, gradient = jax.value_and_grad(lambda params: task.loss(params, (), batch).total)(params)
    network = copy_ear(params, task.ear)
    total, weight = ear_loss(task.config, network, batch, task.symbol_rate, masked=True)
    assert float(total.detach()) == pytest.approx(float(loss), rel=1e-4)
    assert weight == batch["id_counts"].sum()
    total.backward()
    expected = dict(copy_ear(gradient, task.ear).named_parameters())
    own = dict(network.named_parameters())
    redundant = 2 * task.ear.recurrent  # of the gates' second biases, which ours does not have
    count = sum(x.numel() for x in own.values()) - 2 * redundant * task.ear.recurrent_layers
    assert count == sum(x.size for x in jax.tree.leaves(params)) - 2 * task.ear.bands
    for name, parameter in own.items():
        assert parameter.grad is not None, name
        rows = slice(redundant if "bias_hh" in name else 0, None)
        values, others = (x.detach().numpy()[rows] for x in (parameter.grad, expected[name]))
        scale = np.abs(others).max()
        assert scale > 0, name
        np.testing.assert_allclose(values / scale, others / scale, atol=1e-4, err_msg=name)
    assert torch.isfinite(total)


@pytest.mark.slow
def test_time_to_phone_errors_goes_on_where_it_was_stopped(voice, tmp_path):
    pytest.importorskip("torch")
    options = BenchCtc(
        str(voice),
        workdir=tmp_path / "run",
        model=SHAPE,
        batch=4,
        marks=(0.001,),
        against="torch",
        results=tmp_path / "a.json",
    )
    options.run()
    first = json.loads(options.results.read_text())["rows"]
    dataclasses.replace(options, marks=(0.001, 0.1)).run()
    values = json.loads(options.results.read_text())
    assert [row for row in values["rows"] if row["minutes"] == 0.001] == first
    assert [row["peer"] for row in values["rows"]] == ["ours", "ours", "torch", "torch"]
    assert all(row["phone_error_rate"] >= 0 and row["steps"] > 0 for row in values["rows"])
    assert {*values["updates_per_minute"]} == {
        "ours",
        "torch",
    }  # 0 where the first update compiles beyond both marks
    assert options.results.with_suffix(".png").stat().st_size > 1000


def test_updates_per_minute_are_those_after_the_first_mark():
    rows = [{"peer": "ours", "minutes": m, "steps": s} for m, s in ((5.0, 300), (10.0, 800), (20.0, 1800))]
    assert updates_per_minute(rows, "ours") == 100
    assert updates_per_minute(rows[:1], "ours") == 60
