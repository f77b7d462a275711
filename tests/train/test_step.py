"""The step: its loss, its gradient, and that devices and ways of mapping do not matter."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from babble_jax.errors import BabbleError
from babble_jax.train.config import OptimizerConfig
from babble_jax.train.devices import check_division, device_mesh
from babble_jax.train.state import init_train_state
from babble_jax.train.step import evaluation_step, train_step
from babble_jax.train.tasks.voice.loss import voice_loss
from tests.small_run import small

STREAMS, T = 4, 64


def batch(seed, ragged=True, reset=None):
    draw = np.random.default_rng(seed)
    weight = np.ones((STREAMS, T), np.float32)
    if ragged:  # very unequal: one device of four has no sample that counts
        for stream, length in enumerate([T, 40, 3, 0]):
            weight[stream, length:] = 0
    return {
        "pcm": (draw.integers(-9000, 9000, (STREAMS, T)) * (weight > 0)).astype(np.int16),
        "weight": weight,
        "reset": np.array([True, False, True, True] if reset is None else reset),
        "speaker": np.zeros(STREAMS, np.int32),
    }


def run(kind, devices, steps=4, **options):
    """Makes a few steps; returns the host state and the metrics."""
    task = small(**options)
    mesh = device_mesh(kind, STREAMS, jax.devices()[:devices])
    step = mesh.compile(train_step(task))
    state, metrics = mesh.shard(init_train_state(task)), []
    for n in range(steps):
        state, out = step(state, batch(n, reset=None if n else [True] * STREAMS))
        metrics.append(jax.device_get(out))
    return mesh.unreplicate(state), metrics


@pytest.fixture(scope="module")
def alone():
    return run("jit", 1)


@pytest.mark.parametrize(("kind", "devices"), [("pmap", 1), ("pmap", 4), ("jit", 4)])
def test_devices_and_mapping_do_not_matter(alone, kind, devices):
    """Equal to float32 rounding: the sums over streams are taken in another order."""
    state, metrics = run(kind, devices)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), state, alone[0])
    for a, b in zip(metrics, alone[1], strict=True):
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-5), a, b)
    assert [x.shape[0] for x in jax.tree.leaves(state.carry) if x.ndim] == [
        STREAMS
    ] * 5  # host state: streams are axis 0


def test_a_mapped_step_without_the_reduction_would_be_seen(alone):
    """The check above can fail: a mean of the devices' means is another number under unequal padding."""
    task = small()
    state = init_train_state(task)
    b = batch(0)
    per_stream = []
    for s in range(3):
        one = jax.tree.map(lambda x, s=s: x[s : s + 1], b)
        carry = jax.tree.map(lambda x, s=s: x[s : s + 1] if x.ndim else x, state.carry)
        one_loss = jax.jit(voice_loss, static_argnums=0)(task.voice, state.params, carry, one)
        per_stream.append(float(one_loss.total / one_loss.weight))
    metrics = alone[1][0]
    assert abs(np.mean(per_stream) - float(metrics.total / metrics.weight)) > 1e-3


def test_the_loss_is_the_nats_of_the_samples_that_count():
    task = small()
    voice = task.voice.sample_model
    state, b = init_train_state(task), batch(1)
    nats, weight, sums, _ = jax.jit(voice_loss, static_argnums=0)(task.voice, state.params, state.carry, b)
    samples = task.voice.encode(b["pcm"])
    logits, _ = jax.jit(voice.apply)(state.params, voice.initial_state(state.params, STREAMS), samples)
    log_probs = np.asarray(jax.nn.log_softmax(logits))
    by_hand, hits = 0.0, 0
    for s in range(STREAMS):
        for t in range(T):
            if b["weight"][s, t]:
                by_hand -= float(log_probs[s, t][samples[s, t]])
                hits += int(np.argmax(log_probs[s, t]) == samples[s, t])
    assert float(nats) == pytest.approx(by_hand, rel=1e-4)
    assert float(weight) == T + 40 + 3
    assert float(sums["correct"]) == hits


def test_what_stands_in_the_padding_changes_nothing():
    task = small()
    step = jax.jit(train_step(task))
    state, b = init_train_state(task), batch(2)
    other = b | {"pcm": np.where(b["weight"] > 0, b["pcm"], 12345).astype(np.int16)}
    one, two = step(state, b)[0], step(state, other)[0]
    jax.tree.map(np.testing.assert_array_equal, one.params, two.params)


def test_the_learned_initial_state_has_a_gradient_where_a_recording_starts_and_only_there():
    task = small()
    state = init_train_state(task)

    def gradient(reset):
        b = batch(3, ragged=False, reset=reset)
        carry = jax.tree.map(lambda x: x + 0.1 if x.dtype == jnp.float32 else x, state.carry)
        grads = jax.jit(jax.grad(lambda p: voice_loss(task.voice, p, carry, b).total))(state.params)
        return [np.abs(grads[f"initial_{k}"]).max() for k in range(2)]

    assert min(gradient([False, True, False, False])) > 1e-6
    assert max(gradient([False] * 4)) == 0


def test_streams_continue_where_the_last_subsequence_ended():
    task = small()
    evaluate = jax.jit(evaluation_step(task))
    b = batch(4, ragged=False, reset=[True] * 4)
    pieces = [
        b | {"pcm": b["pcm"][:, :32], "weight": b["weight"][:, :32]},
        b | {"pcm": b["pcm"][:, 32:], "weight": b["weight"][:, 32:], "reset": np.zeros(4, bool)},
    ]
    state = init_train_state(task)
    complete = evaluate(state, b)[1]
    total = 0.0
    for piece in pieces:
        state, metrics = evaluate(state, piece)
        total += float(metrics.total)
    assert total == pytest.approx(float(complete.total), rel=1e-5)


def test_clipping_comes_after_the_reduction():
    """The first moment is 0.1 times the gradient of the gradient batch, clipped: not a sum of clipped parts."""
    clip = 1e-3
    task = small(optimizer=OptimizerConfig(clip=clip))
    mesh = device_mesh("pmap", STREAMS, jax.devices()[:4])
    state, b = init_train_state(task), batch(0)
    gradient = jax.jit(jax.grad(lambda params: voice_loss(task.voice, params, state.carry, b).total))(
        state.params
    )
    after, _ = mesh.compile(train_step(task))(mesh.shard(state), b)
    moment = mesh.unreplicate(after).optimizer[1][0].mu
    gradient = jax.tree.map(lambda g: g / b["weight"].sum(), gradient)
    clipped = jax.tree.leaves(jax.tree.map(lambda g: jnp.abs(g) > clip, gradient))
    assert 0.1 < np.mean(np.concatenate([np.ravel(x) for x in clipped])) < 0.9
    jax.tree.map(
        lambda m, g: np.testing.assert_allclose(m, 0.1 * np.clip(g, -clip, clip), rtol=1e-4, atol=1e-8),
        moment,
        gradient,
    )


def test_noise_is_that_of_the_stream_whatever_the_devices():
    state, metrics = run("jit", 1, steps=2, noise=2.0)
    mesh, others = run("pmap", 4, steps=2, noise=2.0)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), state, mesh)
    for a, b in zip(metrics, others, strict=True):
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-5), a, b)
    clean = run("jit", 1, steps=1)[1]
    assert abs(metrics[0].total - clean[0].total) > 1e-3


def test_with_noise_the_loss_is_of_the_clean_samples_given_disturbed_ones():
    task = small()
    state, b = init_train_state(task), batch(0, ragged=False, reset=[True] * STREAMS)
    voice, samples = task.voice.sample_model, task.voice.encode(jnp.asarray(b["pcm"]))
    disturbed = (samples + 3) % task.voice.quantizer.q_levels
    loss = jax.jit(lambda params: voice_loss(task.voice, params, state.carry, b, lambda codes: disturbed))
    nats = loss(state.params).total
    logits, _ = jax.jit(voice.apply)(state.params, voice.initial_state(state.params, STREAMS), disturbed)
    log_probs = jax.nn.log_softmax(logits)
    expected = -jnp.take_along_axis(log_probs, samples[..., None], -1).sum()
    assert float(nats) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.slow
def test_muon_moves_each_matrix_alike_in_all_directions_on_any_devices():
    """Orthogonal updates of root mean square 0.2 times the rate. Biases go by Adam with Nesterov's momentum, whose
    first step is 1 + 0.9 / 1.9 times the rate (Dozat 2016, algorithm 2, with a momentum of 0.9).
    """
    task = small(optimizer=OptimizerConfig("muon", learning_rate=1e-3))
    start, params = jax.device_get(init_train_state(task).params), []
    for kind, devices in (("jit", 1), ("pmap", 4)):
        mesh = device_mesh(kind, STREAMS, jax.devices()[:devices])
        after, _ = mesh.compile(train_step(task))(
            mesh.shard(init_train_state(task)), batch(0, reset=[True] * STREAMS)
        )
        params.append(mesh.unreplicate(after).params)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), *params)

    moved = jax.tree.leaves(jax.tree.map(lambda a, b: np.asarray(a - b, np.float64), params[0], start))
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
    task = small()
    state, b = init_train_state(task), batch(0)
    after, metrics = jax.jit(train_step(task))(state, b | {"weight": np.zeros((STREAMS, T), np.float32)})
    jax.tree.map(np.testing.assert_array_equal, after.params, state.params)
    assert float(metrics.weight) == 0


def test_streams_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="a batch of 3 streams does not divide among 2"):
        device_mesh("pmap", 3, jax.devices()[:2])


@pytest.mark.parametrize(
    ("batch_size", "devices", "counts"),
    [
        (4, 3, "1, 2 or 4 devices"),
        (12, 5, "1, 2, 3, 4 or 6 devices"),
        (1, 2, "1 device"),
        (4, 6, "1, 2 or 4 devices"),
    ],
)
def test_a_run_that_has_begun_names_the_numbers_of_devices_that_divide_its_batch(batch_size, devices, counts):
    text = f"A batch of {batch_size} streams does not divide among {devices} devices"
    with pytest.raises(BabbleError) as error:
        check_division(batch_size, devices, resumed=True)
    assert str(error.value) == f"{text}, and a run that has begun keeps its batch size; go on with {counts}."
    with pytest.raises(BabbleError, match=f"^{text}; change --batch-size to a multiple.$"):
        check_division(batch_size, devices, resumed=False)
    check_division(2 * devices, devices, resumed=True)


def test_the_schedule_counts_steps():
    cosine = OptimizerConfig(learning_rate=1e-2, warmup_steps=10, decay_steps=110).schedule()
    assert [float(cosine(s)) for s in (0, 5, 10, 60, 110, 500)] == pytest.approx(
        [0, 5e-3, 1e-2, 1e-2 * (0.5 * 0.98 + 0.02), 2e-4, 2e-4], abs=1e-9
    )
    with pytest.raises(ValueError, match="decay_steps"):
        OptimizerConfig(warmup_steps=10, decay_steps=5)
