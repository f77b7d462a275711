"""Operations are counted from the program, loops included; the pace leaves out what lies between updates."""

import jax
import jax.numpy as jnp
import pytest

from babble_jax.train.throughput import Pace, count_flops


def test_products_count_in_loops_branches_and_derivatives():
    a = jnp.ones((3, 4))
    assert count_flops(lambda a: a @ a.T, a) == 2 * 3 * 3 * 4
    w = jnp.ones((4, 4))

    def loop(a, w):
        return jax.lax.scan(lambda x, _: (jnp.tanh(x @ w), None), a, None, length=5)[0].sum()

    assert count_flops(loop, a, w) == 5 * 2 * 3 * 4 * 4
    assert count_flops(jax.jit(loop), a, w) == count_flops(loop, a, w)
    assert count_flops(jax.grad(loop, (0, 1)), a, w) == 3 * count_flops(loop, a, w)
    branch = count_flops(lambda a, w: jax.lax.cond(a[0, 0] > 0, lambda: a @ w, lambda: a), a, w)
    assert branch == 2 * 3 * 4 * 4


def test_a_convolution_counts_its_kernel_at_each_output():
    x, kernel = jnp.ones((2, 6, 10)), jnp.ones((8, 6, 3))
    flops = count_flops(lambda x, k: jax.lax.conv_general_dilated(x, k, (1,), "VALID"), x, kernel)
    assert flops == 2 * (2 * 8 * 8) * (6 * 3)


def test_the_pace_is_that_of_updates_alone():
    now = iter([0.0, 10.0, 12.0, 14.0, 100.0, 103.0])
    pace = Pace(lambda: next(now))
    pace.restart()
    pace.update()
    pace.update()
    pace.restart()  # after an evaluation of 86 s
    pace.update()
    assert pace.count == 3
    assert pace.seconds == pytest.approx((2 + 2 + 3) / 3)
