"""Memory of decoded data: shared by threads, given back, and refused beyond what there is."""

import threading

import pytest

from multigan.errors import DataError
from multigan.reading.budget import Budget


def test_threads_together_never_hold_more_than_there_is():
    budget, lock = Budget(10), threading.Lock()
    held, most = [0], [0]

    def work():
        for _ in range(50):
            with budget.taken(4, "x"):
                with lock:
                    held[0] += 4
                    most[0] = max(most[0], held[0])
                with lock:
                    held[0] -= 4

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 <= most[0] <= 10
    assert budget._free == 10


def test_what_is_kept_is_held_to_the_end_of_the_body_and_given_back_on_errors():
    budget = Budget(10)
    with budget.kept():
        with budget.taken(6, "x"):
            pass
        assert budget._free == 4
        with budget.taken(9, "x"):  # by whoever holds some: waiting for it would never end
            assert budget._free == 4
    assert budget._free == 10
    with pytest.raises(KeyError), budget.kept(), budget.taken(6, "x"):
        raise KeyError
    assert budget._free == 10
    with budget.taken(6, "x"):
        assert budget._free == 4
    assert budget._free == 10


def test_more_than_there_ever_is_is_refused_with_the_remedy():
    words = r"^decoding it takes 3\.0 GiB of memory, and at most 1\.0 GiB are used: cut it$"
    with pytest.raises(DataError, match=words), Budget(2**30).taken(3 * 2**30, "cut it"):
        pass
