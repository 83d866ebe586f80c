"""Requests of the door work in turns: a few at a time, and nobody overtakes (ADR 0089)."""

import threading
import time
from collections.abc import Callable

from apps.shared.turns import Turns


def test_no_more_than_so_many_work_at_a_time() -> None:
    turns, guard, at_work, seen = Turns(3), threading.Lock(), 0, 0

    def work() -> None:
        nonlocal at_work, seen
        for _ in range(20):
            turns.take()
            with guard:
                at_work += 1
                seen = max(seen, at_work)
            time.sleep(0.001)
            with guard:
                at_work -= 1
            turns.give_back()

    _together([work] * 12)

    assert seen == 3


def test_who_waits_longest_goes_on_first() -> None:
    turns, order = Turns(1), []
    turns.take()

    def wait(number: int) -> None:
        turns.take()
        order.append(number)
        turns.give_back()

    waiting = [threading.Thread(target=wait, args=(number,)) for number in range(6)]
    for number, thread in enumerate(waiting, 1):
        thread.start()
        _until(lambda number=number: len(turns._waiting) == number)
    turns.give_back()
    for thread in waiting:
        thread.join(5)

    assert order == list(range(6))


def test_nobody_overtakes_those_who_wait() -> None:
    turns, came_second = Turns(1), threading.Event()
    turns.take()
    waiting = threading.Thread(target=lambda: (turns.take(), came_second.wait(5), turns.give_back()))
    waiting.start()
    _until(lambda: len(turns._waiting) == 1)
    turns.give_back()  # it is the waiting thread's now, whether that has been woken yet or not

    late = threading.Thread(target=turns.take)
    late.start()
    late.join(0.05)
    assert late.is_alive()

    came_second.set()
    late.join(5)
    assert not late.is_alive()
    waiting.join(5)


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)
