"""The native sampler agrees with the compiled one: scores, draws and states, for any blocks, batches and threads."""

import dataclasses
import functools
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numba
import numpy as np
import pytest

from babble_jax.voice.block_sampler import compiled_sampler
from babble_jax.voice.contract import Cond
from babble_jax.voice.distributions.categorical import Categorical
from babble_jax.voice.distributions.contract import Sampling
from babble_jax.voice.distributions.logistic_mixture import DiscretizedLogisticMixture
from babble_jax.voice.models.samplernn import SampleRNN, SampleRNNConfig
from babble_jax.voice.models.wavenet import WaveNet, WaveNetConfig
from babble_jax.voice.sampling.ancestral import uniforms
from babble_jax.voice.sampling.native import threads
from babble_jax.voice.sampling.native.arithmetic import exp, tanh
from babble_jax.voice.sampling.native.dispatch import pack_voice, sample_native, unsupported_reason
from babble_jax.voice.sampling.native.inverse_cdf import draw

B, T = 5, 96
SUPPORTED = {"expand_top": True, "hidden": 1, "reset": "after", "embedding": 6}
VOICES = {
    "three-tier": SampleRNN(
        SampleRNNConfig(frame_sizes=(16, 4), dim=66, **SUPPORTED), 70, speakers=3, local=2
    ),
    "four-tier": SampleRNN(
        SampleRNNConfig(
            frame_sizes=(12, 6, 2), dim=13, weight_norm=False, learn_initial_state=False, **SUPPORTED
        ),
        256,
    ),
    "one-sample-frames": SampleRNN(SampleRNNConfig(frame_sizes=(3, 1), dim=64, **SUPPORTED), 33, speakers=2),
    "mixture": SampleRNN(
        SampleRNNConfig(frame_sizes=(8, 2), dim=12, input="real", **(SUPPORTED | {"embedding": 1})),
        65_536,
        local=2,
        mixture=4,
    ),
    "wavenet mixture": WaveNet(
        WaveNetConfig(stacks=2, layers=3, channels=6, skip=9, input="real"), 65_536, mixture=10
    ),
    "wavenet": WaveNet(WaveNetConfig(stacks=2, layers=4, channels=6, skip=9, hop=8), 70, speakers=3, local=2),
    "three-tap wavenet": WaveNet(
        WaveNetConfig(stacks=1, layers=3, taps=3, channels=64, skip=70, weight_norm=True), 256
    ),
}
SLOW = {
    "four-tier",
    "one-sample-frames",
    "wavenet mixture",
}  # for -m slow: most of their time goes into the reference's compilation


def params(names):
    return [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in names]


each_voice = pytest.mark.parametrize("name", params(VOICES))


@functools.cache
def built(name):
    """A voice, its weights away from their initial values, a state, its cond and its uniforms."""
    voice = VOICES[name]
    leaves, tree = jax.tree.flatten(jax.jit(voice.init)(jax.random.key(0)))
    keys = jax.random.split(jax.random.key(1), len(leaves))
    leaves = [x + 0.1 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys, strict=True)]
    weights = voice.weights(jax.tree.unflatten(tree, leaves))
    draws = np.random.default_rng(0)
    cond = Cond(
        jnp.asarray(draws.integers(0, voice.speakers, B), jnp.int32) if voice.speakers else None,
        jnp.asarray(draws.normal(size=(B, T // voice.frame, voice.local)), jnp.float32)
        if voice.local
        else None,
    )
    state = jax.tree.map(
        lambda x: (
            jnp.asarray(draws.uniform(-2, 2, x.shape), jnp.float32)  # learned initial states may exceed 1
            if x.ndim > 1 and x.dtype == jnp.float32
            else jnp.asarray(draws.integers(0, voice.q_levels, x.shape), jnp.int32)
            if x.ndim
            else x
        ),
        voice.initial_state(weights, B, cond),
    )
    if isinstance(voice, WaveNet):
        state = state._replace(position=jnp.asarray(5, jnp.int32))
    return voice, weights, state, cond, uniforms(jax.random.split(jax.random.key(2), B), 0, T)


@functools.cache
def reference(name, sampling=Sampling()):
    """Runs the compiled sampler on forced codes."""
    voice, weights, state, cond, uniform = built(name)
    forced = jnp.asarray(forced_codes(name))
    with jax.default_matmul_precision("highest"):
        run = jax.jit(
            lambda state, forced: compiled_sampler(voice)(
                voice, weights, state, uniform, forced, cond, sampling
            )
        )
        return run(state, forced)


def forced_codes(name):
    voice = VOICES[name]
    return np.random.default_rng(1).integers(0, voice.q_levels, (B, T)).astype(np.int32)


@pytest.mark.parametrize(
    ("name", "sampling"),
    [
        *(pytest.param(*one.values, Sampling(), marks=one.marks) for one in params(VOICES)),
        ("three-tier", Sampling(0.7, 5)),
        ("three-tier", Sampling(0)),
        pytest.param("mixture", Sampling(0.7), marks=pytest.mark.slow),
        pytest.param("mixture", Sampling(0), marks=pytest.mark.slow),
    ],
)
def test_scores_and_draws_are_those_of_the_compiled_sampler(name, sampling):
    voice, weights, state, cond, uniform = built(name)
    forced = forced_codes(name)
    expected, after = reference(name, sampling)
    result, last = sample_native(
        pack_voice(voice, weights), state, np.asarray(uniform), forced, cond, sampling
    )
    np.testing.assert_array_equal(result.samples, forced)
    np.testing.assert_allclose(result.log_prob, expected.log_prob, atol=1e-4)
    for field, ours in last._asdict().items():  # the conditioning of a SampleRNN is stale at phase 0
        if field != "conditioning":
            jax.tree.map(
                lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), ours, getattr(after, field)
            )
    if sampling.temperature == 0:
        assert (
            np.mean(result.free_samples != expected.free_samples) < 0.01
        )  # two logits may be equal but for rounding
        return
    if np.array_equal(result.free_samples, expected.free_samples):
        return
    # They may differ only where the uniform lies at an edge of the cdf.
    logits = jax.jit(lambda state: voice.apply(weights, state, jnp.asarray(forced), cond)[0])(state)
    distribution = voice.distribution
    if isinstance(distribution, Categorical):
        edges = np.asarray(jax.vmap(lambda row: distribution.cdf(row, sampling), 1, 1)(logits))
    else:
        assert isinstance(distribution, DiscretizedLogisticMixture)
        lower = np.minimum(result.free_samples, expected.free_samples)
        edges = np.asarray(distribution.cdf(logits, jnp.asarray(lower)[..., None], sampling.temperature))
    distance = np.abs(edges - np.asarray(uniform)[..., None]).min(axis=-1)
    assert np.all(distance[result.free_samples != np.asarray(expected.free_samples)] < 1e-5)


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(0.9), Sampling(1.0, 5)])
@pytest.mark.parametrize("levels", [256, 250])
def test_a_uniform_near_one_draws_what_is_likely(levels, sampling):
    """Sums in another order than the total may never reach what is wanted of it."""
    draws = np.random.default_rng(0)
    prob, below_one = np.zeros(levels, np.float32), np.float32(1 - 2**-23)
    temperature, top_k = np.float32(sampling.temperature), sampling.top_k or levels
    for _ in range(300):
        logits = (-0.5 * ((np.arange(levels) - 100) / 8) ** 2 + draws.normal(size=levels)).astype(np.float32)
        level = draw_compiled(logits, prob, levels, top_k, temperature, below_one)
        assert logits.max() - logits[level] < 25
        assert np.sum(logits >= logits[level]) <= top_k


@numba.njit
def draw_compiled(logits, prob, levels, top_k, temperature, uniform):
    return draw(logits, prob, levels, top_k, temperature, uniform)


@each_voice
def test_neither_blocks_nor_company_nor_threads_matter(name, monkeypatch):
    voice, weights, state, cond, uniform = built(name)
    packed, uniform = pack_voice(voice, weights), np.asarray(uniform)
    complete, last = sample_native(packed, state, uniform, None, cond)
    assert len(np.unique(complete.samples)) > 5
    half = T // 2 // voice.frame
    first, middle = sample_native(packed, state, uniform[:, : T // 2], None, rows(cond, 0, half))
    second, again = sample_native(packed, middle, uniform[:, T // 2 :], None, rows(cond, half, None))
    np.testing.assert_array_equal(np.concatenate([first.samples, second.samples], 1), complete.samples)
    jax.tree.map(np.testing.assert_array_equal, again, last)
    monkeypatch.setattr(threads, "thread_count", lambda: 1)
    alone_in_a_thread, _ = sample_native(packed, state, uniform, None, cond, score=False)
    np.testing.assert_array_equal(alone_in_a_thread.samples, complete.samples)
    assert alone_in_a_thread.log_prob.shape == (B, 0)
    alone = jax.tree.map(lambda x: x[3:4] if x.ndim else x, state)
    own = Cond(*(None if x is None else x[3:4] for x in cond))
    np.testing.assert_array_equal(
        sample_native(packed, alone, uniform[3:4], None, own)[0].samples[0], complete.samples[3]
    )


def rows(cond, start, stop):
    return cond if cond.local is None else cond._replace(local=cond.local[:, start:stop])


@pytest.mark.parametrize("name", params(name for name in VOICES if "mixture" not in name))
def test_int8_weights_cost_little(name):
    voice, weights, state, cond, uniform = built(name)
    forced = forced_codes(name)
    expected, _ = reference(name)
    result, _ = sample_native(pack_voice(voice, weights, "int8"), state, np.asarray(uniform), forced, cond)
    difference = (np.asarray(expected.log_prob) - result.log_prob) / np.log(2)
    assert np.abs(difference).max() < 0.3
    assert abs(difference.mean()) < 0.01
    assert np.any(difference != 0)


@pytest.mark.parametrize("name", params(name for name in VOICES if "mixture" in name))
def test_int8_weights_cost_a_mixture_little(name):
    """Of samples that it draws itself: far from a narrow component the logarithm grows with every error of its mean."""
    voice, weights, state, cond, uniform = built(name)
    result_float32, _ = sample_native(pack_voice(voice, weights), state, np.asarray(uniform), None, cond)
    result, _ = sample_native(
        pack_voice(voice, weights, "int8"), state, np.asarray(uniform), result_float32.samples, cond
    )
    difference = (result_float32.log_prob - result.log_prob) / np.log(2)
    assert np.median(np.abs(difference)) < 0.05
    assert abs(difference.mean()) < 0.05
    assert np.any(difference != 0)


def test_functions_are_accurate():
    x = np.linspace(-20, 20, 4001, dtype=np.float32)
    np.testing.assert_allclose([exp(v) for v in x], np.exp(x.astype(np.float64)), rtol=3e-6)
    np.testing.assert_allclose([tanh(v) for v in x], np.tanh(x.astype(np.float64)), atol=5e-7)
    assert float(exp(np.float32(-1000))) < 1e-37


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"reset": "before"}, "reset is before"),
        ({"cell": "lstm", "layers": 2}, "cell is lstm and layers is 2"),
        ({"expand_top": False}, "expand_top is False"),
        ({"hidden": 2}, "hidden is 2"),
    ],
)
def test_unsupported_shapes_are_refused(options, why):
    voice = SampleRNN(SampleRNNConfig(frame_sizes=(8, 2), dim=8, **(SUPPORTED | options)), 16)
    assert unsupported_reason(voice) == why
    with pytest.raises(ValueError, match=f"does not support this voice: {why}"):
        pack_voice(voice, {})


def test_an_embedding_of_many_levels_is_refused():
    why = "it embeds 65536 levels, and the sampler's tables hold 4096 at most"
    for kind, config in ((SampleRNN, SampleRNNConfig(**SUPPORTED)), (WaveNet, WaveNetConfig())):
        assert unsupported_reason(kind(config, 65_536)) == why
        assert not unsupported_reason(kind(dataclasses.replace(config, input="real"), 65_536, mixture=3))


def test_what_does_not_fit_is_refused():
    voice, weights, state, cond, uniform = built("three-tier")
    packed, uniform = pack_voice(voice, weights), np.asarray(uniform)
    for wrong in (uniform[:, :-1], uniform[:, :8]):
        with pytest.raises(ValueError, match="multiples of 16 samples"):
            sample_native(packed, state, wrong, None, cond)
    with pytest.raises(ValueError, match="pass cond=Cond"):
        sample_native(packed, state, uniform)
    with pytest.raises(ValueError, match="takes features"):
        sample_native(packed, state, uniform, None, cond._replace(local=None))


DIGEST = """
import hashlib, os, sys
import jax, numpy as np
os.sched_setaffinity(0, {int(cpu) for cpu in sys.argv[1:]})
from babble_jax.pretrained.pretrained import load_voice
from babble_jax.voice import block_sampler, speak
from babble_jax.voice.conditioning import stream_features
voice = load_voice("babblers")
weights = jax.tree.leaves(block_sampler._weights(voice))
keys, who = jax.random.split(jax.random.key(0), 3), np.array([0, 1, 1])
local = stream_features.conditioning(voice, [stream_features.ENDLESS] * 3, keys, who)
audio = speak.generate_audio(voice, keys, 8000, speaker=who, local=local)
print(hashlib.sha256(b"".join(np.asarray(x).tobytes() for x in (*weights, audio))).hexdigest())
"""


def test_babble_does_not_depend_on_the_number_of_threads():
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("needs two CPUs")
    runs = [
        subprocess.Popen([sys.executable, "-c", DIGEST, *map(str, some)], stdout=subprocess.PIPE, text=True)
        for some in (cpus[:1], cpus)
    ]
    first, second = (run.communicate()[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert first == second
