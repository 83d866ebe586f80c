"""checkpoint(): where a long fit can be interrupted from outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_hook: Final[ContextVar[Callable[[], None] | None]] = ContextVar("interrupting", default=None)


def checkpoint() -> None:
    """Call what interrupts, if anything does; it ends the work by raising."""
    hook = _hook.get()
    if hook is not None:
        hook()


@contextmanager
def interrupted_by(hook: Callable[[], None]) -> Iterator[None]:
    """
    Have long loops of the engine call *hook* between their steps.

    Parameters
    ----------
    hook : callable
        Called often, so it must be quick; what it raises ends the work and
        reaches the caller. Results do not depend on it.

    Examples
    --------
    >>> def enough() -> None:
    ...     raise TimeoutError("long enough")
    >>> with interrupted_by(enough):
    ...     checkpoint()
    Traceback (most recent call last):
    ...
    TimeoutError: long enough
    """
    token = _hook.set(hook)
    try:
        yield
    finally:
        _hook.reset(token)
