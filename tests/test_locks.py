"""A lock that is waited for: one holder at a time, named to those who wait, and no file left."""

import threading

from babble_jax.locks import wait_for_lock


def test_one_after_the_other_holds_it(tmp_path):
    path, holders, inside, most = tmp_path / "lock", [], 0, 0

    def hold():
        nonlocal inside, most
        for _ in range(20):
            with wait_for_lock(path, holders.append):
                inside += 1
                most = max(most, inside)
                threading.Event().wait(0.001)
                inside -= 1

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert any("process" in holder for holder in holders)
    assert not path.exists()
