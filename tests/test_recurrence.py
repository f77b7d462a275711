"""The recurrence that models share."""

import jax
import jax.numpy as jnp
import numpy as np

from babble_jax.recurrence import gru_after


def test_the_gradient_of_the_gru_is_that_of_its_plain_scan():
    keys = jax.random.split(jax.random.key(0), 5)
    shapes = {"x": (9, 3, 15), "state": (3, 5), "recurrent": (5, 15), "bias": (5,)}
    arguments = {
        name: jax.random.normal(key, shape) for key, (name, shape) in zip(keys, shapes.items(), strict=False)
    }
    weight = jax.random.normal(keys[4], (9, 3, 5))

    def plain(x, state, recurrent, bias):
        states = []
        for t in range(len(x)):
            u = state @ recurrent
            z, r = jnp.split(jax.nn.sigmoid(x[t, :, :10] + u[:, :10]), 2, axis=-1)
            n = jnp.tanh(x[t, :, 10:] + r * (u[:, 10:] + bias[None]))
            state = (1 - z) * n + z * state
            states.append(state)
        return jnp.stack(states)

    def gradients(f):
        return jax.value_and_grad(lambda arguments: jnp.sum(weight * f(**arguments) ** 2))(arguments)

    with jax.default_matmul_precision("highest"):
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5),
            gradients(gru_after),
            gradients(plain),
        )
