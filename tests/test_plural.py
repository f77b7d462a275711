"""Numbers of things in messages."""

from babble_jax.plural import plural


def test_one_is_singular_and_all_else_is_not():
    assert [plural(count, "offset") for count in (0, 1, 2)] == ["0 offsets", "1 offset", "2 offsets"]
