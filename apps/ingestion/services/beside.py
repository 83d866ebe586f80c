"""Work that runs beside the caller's own, one piece at a time and in the order it was given."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType


class Beside:
    """A second thread. `with` it, nothing given is still under way afterwards, and the first failure is raised."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def run(self, work: Callable[[], None]) -> None:
        """Begin *work* when the piece before is done; raises what that one raised, and then does not begin."""
        before, self._under_way = self._under_way, None
        if before is not None:
            before.result()
        self._under_way = self._thread.submit(work)

    def __enter__(self) -> "Beside":
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for the last piece."""
        last, self._under_way = self._under_way, None
        if last is not None:
            wait([last])
            if error is None:
                last.result()
