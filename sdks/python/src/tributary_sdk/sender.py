"""The thread that delivers: in batches, again and again with growing pauses, until there is an answer for each event."""

import gzip
import http.client
import json
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from tributary_sdk import protocol
from tributary_sdk.queues import Queue, Waiting

MOST_BYTES = 8_000_000  # of an answer; the door's longest are a tenth of it
log = logging.getLogger("tributary_sdk")
Report = Callable[[str, Optional[Dict[str, Any]]], None]


class Answer(NamedTuple):
    """What came back; status 0 when nothing did."""

    status: int
    body: str
    retry_after: Optional[str]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: events go to the door that was named, or wait."""


class Sender:
    """Delivers the events of a queue from a daemon thread, which begins with the first event."""

    def __init__(
        self, queue: Queue, write_key: str, host: str, *, report: Report, batch_size: int, delay: float, timeout: float,
        is_compressed: bool, rng: random.Random,
    ) -> None:  # fmt: skip
        self._queue, self._write_key, self._host, self._report = queue, write_key, host, report
        self._batch_size, self._delay, self._timeout = batch_size, delay, timeout
        self._is_compressed, self._random = is_compressed, rng
        self._changed = threading.Condition()
        self._thread: Optional[threading.Thread] = None
        self._due = 0.0  # monotonic time of the next attempt; meaningful while something waits
        self._failures, self._largest = 0, batch_size
        self._is_idle, self._is_stopped = True, False
        self._opener = urllib.request.build_opener(_NoRedirects)

    def notice(self) -> None:
        """An event was added."""
        with self._changed:
            if (self._thread is None or not self._thread.is_alive()) and not self._is_stopped:
                self._thread = _started(self._run)
            now = time.monotonic()
            if self._is_idle:
                self._is_idle, self._due = False, now + self._delay
                self._changed.notify_all()
            if len(self._queue) >= self._batch_size and not self._failures and self._due > now:
                self._due = now
                self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Try at once; return whether nothing waits any more after at most *timeout* seconds."""
        if len(self._queue):
            self.notice()
        with self._changed:
            self._due = 0.0
            self._changed.notify_all()
            return self._changed.wait_for(lambda: len(self._queue) == 0, timeout)

    def close(self, timeout: float) -> bool:
        """Flush, and stop the thread."""
        is_empty = self.flush(timeout)
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(0.2 if not is_empty else self._timeout)
        return is_empty

    def _run(self) -> None:
        while self._wait_until_due():
            try:
                events = self._queue.first(self._largest)
                within = protocol.batches([len(event.raw) for event in events])[0]
                chosen = events[: len(within[0])] if within else events
                self._deliver(chosen)
            except Exception:  # noqa: BLE001  a thread that ends here would never deliver anything again
                log.exception("A delivery failed; it is tried again")
                self._wait_longer(None)

    def _wait_until_due(self) -> bool:
        with self._changed:
            while not self._is_stopped:
                if not len(self._queue):
                    self._is_idle = True
                    self._changed.notify_all()  # those who wait in flush()
                    self._changed.wait()
                    continue
                left = self._due - time.monotonic()
                if left <= 0:
                    return True
                self._changed.wait(left)
            return False

    def _deliver(self, chosen: List[Waiting]) -> None:
        answer = self._post([event.raw for event in chosen])
        verdict = protocol.judge(answer.status, answer.body, len(chosen))
        if verdict.action == "retry":
            self._wait_longer(answer.retry_after)
            return
        self._failures = 0
        self._largest = max(len(chosen) // 2, 1) if verdict.action == "split" else self._batch_size
        if verdict.action == "split":
            return
        for problem in verdict.problems:
            event = chosen[problem.index].raw if problem.index < len(chosen) else b"null"
            self._report(problem.reason, json.loads(event))
        self._queue.remove(chosen)

    def _wait_longer(self, retry_after: Optional[str]) -> None:
        self._failures += 1
        pause = protocol.pause(self._failures, self._random.random(), retry_after)
        with self._changed:
            self._due = time.monotonic() + pause / 1_000

    def _post(self, events: List[bytes]) -> Answer:
        wanted = protocol.request(self._host, self._write_key, events, time.time_ns() // 1_000_000)
        body, headers = wanted.body, dict(wanted.headers)
        if self._is_compressed:
            body, headers["content-encoding"] = gzip.compress(body, 5), "gzip"
        request = urllib.request.Request(wanted.url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as reply:
                return Answer(reply.status, _text(reply, time.monotonic() + self._timeout), None)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _rest(error, self._timeout), error.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(0, "", None)


def _started(work: Callable[[], None]) -> Optional[threading.Thread]:
    """Start a thread, or none: the system or an ending interpreter may refuse it, and the next event asks again."""
    thread = threading.Thread(target=work, name="tributary-sdk", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        log.warning("No thread to deliver events: %s", error)
        return None
    return thread


def _text(reply: Any, until: float) -> str:
    """Read an answer as far as the door's may go: one that drips or never ends is nobody's. Raises OSError."""
    found, wanted = b"", reply.length  # None when the answer does not say it
    while (wanted is None or len(found) < wanted) and (part := reply.read1(65_536)):
        found += part
        if len(found) > MOST_BYTES or time.monotonic() > until:
            raise OSError("The answer has no end")
    if wanted is not None and len(found) < wanted:
        raise OSError("The answer was cut off")
    return found.decode("utf-8", "replace")


def _rest(error: urllib.error.HTTPError, timeout: float) -> str:
    try:
        return _text(error.fp, time.monotonic() + timeout)
    except (OSError, http.client.HTTPException):
        return ""
