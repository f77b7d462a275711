import ctypes

import numpy as np

from babble_jax.train import memory


def test_freed_memory_stays_and_goes_back_at_the_end(monkeypatch):
    with memory.keep_freed_memory() as works:
        assert isinstance(works, bool)
        values = np.ones(10**6)
    assert values.sum() == 10**6
    calls = []

    class Library:
        gnu_get_libc_version = staticmethod(lambda: b"2.36")
        mallopt = staticmethod(lambda *values: calls.append(values))
        malloc_trim = staticmethod(lambda pad: calls.append(("trim", pad)))

    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library)
    with memory.keep_freed_memory() as works:
        assert works
        assert calls == [(-4, 0), (-1, 2**31 - 1)]
    assert calls[2:] == [(-4, 65536), (-1, 131072), ("trim", 0)]


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    with memory.keep_freed_memory() as works:
        assert not works
