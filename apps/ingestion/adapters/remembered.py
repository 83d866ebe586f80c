"""Answers that are asked for on every event and change rarely."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
Key = TypeVar("Key")
Value = TypeVar("Value")
_WHILE_DOWN = 5.0  # seconds for which an old answer is good when there is no new one


class Remembered(Generic[Key, Value]):
    """Asks once, remembers for *seconds*, and goes on with the old answer while the source is down."""

    def __init__(
        self,
        ask: Callable[[Key], Value],
        *,
        seconds: float,
        failures: tuple[type[Exception], ...],
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._seconds, self._failures, self._most, self._clock = ask, seconds, failures, most, clock
        self._answers: dict[Key, tuple[float, Value]] = {}

    def __call__(self, key: Key) -> Value:
        """Return the answer to *key*; raises the source's failure when there is no old answer to go on with."""
        known = self._answers.get(key)
        now = self._clock()
        if known is not None and now < known[0]:
            return known[1]
        if known is not None:  # one asks, and the others go on with the old answer meanwhile
            self._answers[key] = (now + _WHILE_DOWN, known[1])
        try:
            answer = self._ask(key)
        except self._failures as error:
            if known is None:
                raise
            log.warning("remembered.source_down", error=str(error))
            return known[1]
        if len(self._answers) >= self._most:
            self._answers.clear()  # only an attack with invented keys comes here; the real ones are asked again
        self._answers[key] = (now + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Ask anew for everything."""
        self._answers.clear()
