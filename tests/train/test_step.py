"""The step: what its loss is, what its gradient reaches, and that devices and ways of mapping do not matter."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.train.config import OptimizerConfig
from babble_jax.train.devices import parallel
from babble_jax.train.state import initial
from babble_jax.train.step import evaluation_step, loss, train_step
from tests.small_run import small

LANES, T = 4, 64


def batch(seed, ragged=True, reset=None):
    draw = np.random.default_rng(seed)
    weight = np.ones((LANES, T), np.float32)
    if ragged:  # very unequal: one device of four has no sample that counts
        for lane, kept in enumerate([T, 40, 3, 0]):
            weight[lane, kept:] = 0
    return {
        "pcm": (draw.integers(-9000, 9000, (LANES, T)) * (weight > 0)).astype(np.int16),
        "weight": weight,
        "reset": np.array([True, False, True, True] if reset is None else reset),
        "speaker": np.zeros(LANES, np.int32),
    }


def run(kind, devices, steps=4, **options):
    """The flat state and the figures after a few steps."""
    config = small(**options)
    spread = parallel(kind, LANES, jax.devices()[:devices])
    step = spread.compile(train_step(config))
    state, figures = spread.place(initial(config, LANES)), []
    for n in range(steps):
        state, out = step(state, batch(n, reset=None if n else [True] * LANES))
        figures.append(jax.device_get(out))
    return spread.flat(state), figures


@pytest.fixture(scope="module")
def alone():
    return run("jit", 1)


@pytest.mark.parametrize(("kind", "devices"), [("pmap", 1), ("pmap", 4), ("jit", 4)])
def test_devices_and_mapping_do_not_matter(alone, kind, devices):
    """Equal to float32 rounding: the sums over lanes are taken in another order."""
    state, figures = run(kind, devices)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), state, alone[0])
    for a, b in zip(figures, alone[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    assert [x.shape[0] for x in jax.tree.leaves(state.carry) if x.ndim] == [
        LANES
    ] * 5  # flat: lanes are axis 0


def test_a_mapped_step_without_the_reduction_would_be_seen(alone):
    """The check above can fail: a mean of the devices' means is another number under unequal padding."""
    config = small()
    state = initial(config, LANES)
    b = batch(0)
    per_lane = []
    for lane in range(3):
        one = jax.tree.map(lambda x, lane=lane: x[lane : lane + 1], b)
        lanes = jax.tree.map(lambda x, lane=lane: x[lane : lane + 1] if x.ndim else x, state.carry)
        nats, ((weight, _), _) = jax.jit(loss, static_argnums=0)(config.voice, state.params, lanes, one)
        per_lane.append(float(nats / weight))
    figures = alone[1][0]
    assert abs(np.mean(per_lane) - float(figures.nats / figures.weight)) > 1e-3


def test_the_loss_is_the_nats_of_the_samples_that_count():
    config = small()
    voice = config.voice.sample_model
    state, b = initial(config, LANES), batch(1)
    nats, ((weight, correct), _) = jax.jit(loss, static_argnums=0)(config.voice, state.params, state.carry, b)
    samples = config.voice.encode(b["pcm"])
    logits, _ = jax.jit(voice.apply)(state.params, voice.initial_state(state.params, LANES), samples)
    laws = np.asarray(jax.nn.log_softmax(logits))
    by_hand, hits = 0.0, 0
    for lane in range(LANES):
        for t in range(T):
            if b["weight"][lane, t]:
                law = laws[lane, t]
                by_hand -= float(law[samples[lane, t]])
                hits += int(np.argmax(law) == samples[lane, t])
    assert float(nats) == pytest.approx(by_hand, rel=1e-4)
    assert float(weight) == T + 40 + 3
    assert float(correct) == hits


def test_what_stands_in_the_padding_changes_nothing():
    config = small()
    step = jax.jit(train_step(config))
    state, b = initial(config, LANES), batch(2)
    other = b | {"pcm": np.where(b["weight"] > 0, b["pcm"], 12345).astype(np.int16)}
    one, two = step(state, b)[0], step(state, other)[0]
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)


def test_the_learned_initial_state_has_a_gradient_where_a_recording_starts_and_only_there():
    config = small()
    state = initial(config, LANES)

    def gradient(reset):
        b = batch(3, ragged=False, reset=reset)
        lanes = jax.tree.map(lambda x: x + 0.1 if x.dtype == jnp.float32 else x, state.carry)
        grads = jax.jit(jax.grad(lambda p: loss(config.voice, p, lanes, b)[0]))(state.params)
        return [np.abs(grads[f"initial_{k}"]).max() for k in range(2)]

    assert min(gradient([False, True, False, False])) > 1e-6
    assert max(gradient([False] * 4)) == 0


def test_lanes_go_on_where_the_last_subsequence_ended():
    config = small()
    evaluate = jax.jit(evaluation_step(config))
    b = batch(4, ragged=False, reset=[True] * 4)
    pieces = [
        b | {"pcm": b["pcm"][:, :32], "weight": b["weight"][:, :32]},
        b | {"pcm": b["pcm"][:, 32:], "weight": b["weight"][:, 32:], "reset": np.zeros(4, bool)},
    ]
    state = initial(config, LANES)
    whole = evaluate(state, b)[1]
    total = 0.0
    for piece in pieces:
        state, figures = evaluate(state, piece)
        total += float(figures.nats)
    assert total == pytest.approx(float(whole.nats), rel=1e-5)


def test_clipping_comes_after_the_reduction():
    """The first moment is 0.1 times the gradient of the whole batch, clipped: not a sum of clipped parts."""
    clip = 1e-3
    config = small(optimizer=OptimizerConfig(clip=clip))
    spread = parallel("pmap", LANES, jax.devices()[:4])
    state, b = initial(config, LANES), batch(0)
    whole = jax.grad(lambda params: loss(config.voice, params, state.carry, b)[0])(state.params)
    placed, _ = spread.compile(train_step(config))(spread.place(state), b)
    moment = spread.flat(placed).optimizer[1][0].mu
    whole = jax.tree.map(lambda g: g / b["weight"].sum(), whole)
    clipped = jax.tree.leaves(jax.tree.map(lambda g: jnp.abs(g) > clip, whole))
    assert 0.1 < np.mean(np.concatenate([np.ravel(x) for x in clipped])) < 0.9
    jax.tree.map(
        lambda m, g: np.testing.assert_allclose(m, 0.1 * np.clip(g, -clip, clip), rtol=1e-4, atol=1e-8),
        moment,
        whole,
    )


def test_noise_is_that_of_the_lane_whatever_the_devices():
    state, figures = run("jit", 1, steps=2, noise=2.0)
    spread, others = run("pmap", 4, steps=2, noise=2.0)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), state, spread)
    for a, b in zip(figures, others, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    clean = run("jit", 1, steps=1)[1]
    assert abs(figures[0].nats - clean[0].nats) > 1e-3


def test_with_noise_the_loss_is_of_the_clean_samples_given_disturbed_ones():
    config = small()
    state, b = initial(config, LANES), batch(0, ragged=False, reset=[True] * LANES)
    voice, samples = config.voice.sample_model, config.voice.encode(jnp.asarray(b["pcm"]))
    disturbed = (samples + 3) % config.voice.quantizer.q_levels
    found, _ = loss(config.voice, state.params, state.carry, b, lambda codes: disturbed)
    logits, _ = voice.apply(state.params, voice.initial_state(state.params, LANES), disturbed)
    law = jax.nn.log_softmax(logits)
    expected = -jnp.take_along_axis(law, samples[..., None], -1).sum()
    assert float(found) == pytest.approx(float(expected), rel=1e-6)


def test_muon_moves_each_matrix_alike_in_all_directions_on_any_devices():
    """Orthogonal updates of root mean square 0.2 times the rate. Biases go by Adam with Nesterov's momentum, whose
    first step is 1 + 0.9 / 1.9 times the rate (Dozat 2016, algorithm 2, with a momentum of 0.9).
    """
    config = small(optimizer=OptimizerConfig("muon", learning_rate=1e-3))
    start, found = jax.device_get(initial(config, LANES).params), []
    for kind, devices in (("jit", 1), ("pmap", 4)):
        spread = parallel(kind, LANES, jax.devices()[:devices])
        after, _ = spread.compile(train_step(config))(
            spread.place(initial(config, LANES)), batch(0, reset=[True] * LANES)
        )
        found.append(spread.flat(after).params)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), *found)

    moved = jax.tree.leaves(jax.tree.map(lambda a, b: np.asarray(a - b, np.float64), found[0], start))
    square = [x for x in moved if x.ndim == 2 and x.shape[0] == x.shape[1]]
    assert len(square) >= 2
    for x in square:
        assert np.sqrt(np.mean(x**2)) == pytest.approx(0.2e-3, rel=0.15)
        values = np.linalg.svd(x, compute_uv=False)
        # the iteration ends with singular values between 0.7 and 1.2; those of Adam's update differ a hundredfold
        assert np.quantile(values, 0.1) > 0.5 * values[0]
    line = np.concatenate([np.abs(x[x != 0]) for x in moved if x.ndim == 1])
    assert np.median(line) == pytest.approx((1 + 0.9 / 1.9) * 1e-3, rel=0.01)


def test_a_batch_of_padding_alone_moves_no_parameter():
    config = small()
    state, b = initial(config, LANES), batch(0)
    after, figures = jax.jit(train_step(config))(state, b | {"weight": np.zeros((LANES, T), np.float32)})
    jax.tree.map(np.testing.assert_array_equal, after.params, state.params)
    assert float(figures.weight) == 0


def test_lanes_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="a batch of 3 streams does not divide among 2"):
        parallel("pmap", 3, jax.devices()[:2])


def test_the_schedule_counts_steps():
    cosine = OptimizerConfig(learning_rate=1e-2, warmup_steps=10, decay_steps=110).schedule()
    assert [float(cosine(s)) for s in (0, 5, 10, 60, 110, 500)] == pytest.approx(
        [0, 5e-3, 1e-2, 1e-2 * (0.5 * 0.98 + 0.02), 2e-4, 2e-4], abs=1e-9
    )
    with pytest.raises(ValueError, match="decay_steps"):
        OptimizerConfig(warmup_steps=10, decay_steps=5)
