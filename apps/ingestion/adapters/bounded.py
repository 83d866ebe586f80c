"""Questions that may go unanswered: a store that hangs holds up no request for longer than agreed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from typing import Any, TypeVar

Value = TypeVar("Value")


class Bounded:
    """Asks on threads of its own and waits *seconds*. When all of them hang, the next questions wait and give up too.

    The client libraries know no such bound: a server that was stopped, not killed, still acknowledges every packet.
    """

    def __init__(self, failure: Callable[[str], Exception], *, seconds: float, threads: int = 4) -> None:
        self._failure, self._seconds = failure, seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="asking")

    def __call__(self, ask: Callable[..., Value], *arguments: Any) -> Value:
        """Return what *ask* returns, raise what it raises, or the failure when it takes too long."""
        future: Future[Value] = self._pool.submit(ask, *arguments)
        try:
            return future.result(self._seconds)
        except NoAnswer:
            future.cancel()
            raise self._failure(f"There was no answer within {self._seconds:g} s.") from None
