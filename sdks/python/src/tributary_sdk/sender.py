"""The thread that delivers: in batches, again and again with growing pauses, until there is an answer for each event."""

import gzip
import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from tributary_sdk import protocol
from tributary_sdk.queues import Queue, Waiting

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
            if self._thread is None and not self._is_stopped:
                self._thread = threading.Thread(target=self._run, name="tributary-sdk", daemon=True)
                self._thread.start()
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
            events = self._queue.first(self._largest)
            within = protocol.batches([len(event.raw) for event in events])[0]
            chosen = events[: len(within[0])] if within else events
            self._deliver(chosen)

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
            self._failures += 1
            pause = protocol.pause(self._failures, self._random.random(), answer.retry_after)
            with self._changed:
                self._due = time.monotonic() + pause / 1_000
            return
        self._failures = 0
        self._largest = max(len(chosen) // 2, 1) if verdict.action == "split" else self._batch_size
        if verdict.action == "split":
            return
        for problem in verdict.problems:
            event = chosen[problem.index].raw if problem.index < len(chosen) else b"null"
            self._report(problem.reason, json.loads(event))
        self._queue.remove(chosen)

    def _post(self, events: List[bytes]) -> Answer:
        wanted = protocol.request(self._host, self._write_key, events, time.time_ns() // 1_000_000)
        body, headers = wanted.body, dict(wanted.headers)
        if self._is_compressed:
            body, headers["content-encoding"] = gzip.compress(body, 5), "gzip"
        request = urllib.request.Request(wanted.url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as reply:
                return Answer(reply.status, reply.read().decode("utf-8", "replace"), None)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _rest(error), error.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(0, "", None)


def _rest(error: urllib.error.HTTPError) -> str:
    try:
        return error.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
