"""The client: calls queue events at once, a thread of its own delivers them."""

import atexit
import json
import logging
import os
import random
import threading
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Union

from tributary_sdk import protocol
from tributary_sdk.queues import MOST_WAITING, MemoryQueue, Queue
from tributary_sdk.sender import Sender

ErrorListener = Callable[[str, Optional[Dict[str, Any]]], None]
Fields = Optional[Mapping[str, Any]]
Moment = Union[datetime, str, None]
log = logging.getLogger("tributary_sdk")
_LIBRARY = {"library": {"name": "tributary-python", "version": "0.1.0"}}


class Client:
    """Sends events of one stream. Safe to use from many threads, and after a fork.

    A call never raises and never waits for the network. It returns whether the event was taken; an event that was not,
    or that the door refused, is told to *on_error* with the reason of the protocol.

    Parameters
    ----------
    write_key : the write key of a server stream.
    host : the address of collect.
    spool : a folder in which events survive the death of the process; without one they wait in memory.
    is_synced : write the spool through to the disk at each call, so that events survive the loss of power too.
    on_error : called with (reason, event or None), from any thread.
    batch_size, delay : a batch leaves when so many events wait, or so many seconds after the first.
    timeout : seconds for one request.
    most_waiting : further events are refused as `queue_full`; those that the disk does not take as `storage_failed`.
    """

    def __init__(
        self,
        write_key: str,
        host: str,
        *,
        spool: Union[str, Path, None] = None,
        is_synced: bool = False,
        on_error: Optional[ErrorListener] = None,
        batch_size: int = 100,
        delay: float = 1.0,
        timeout: float = 15.0,
        most_waiting: int = MOST_WAITING,
        is_compressed: bool = True,
    ) -> None:
        if not write_key or not host.startswith(("http://", "https://")):
            raise ValueError("A write key and the address of collect (http:// or https://) are needed.")
        self._on_error = on_error
        self._new_queue: Callable[[], Queue] = lambda: _queue(spool, most_waiting, is_synced)
        self._new_sender: Callable[[Queue], Sender] = lambda queue: Sender(
            queue, write_key, host, report=self._report, batch_size=min(batch_size, protocol.MAX_BATCH_EVENTS),
            delay=delay, timeout=timeout, is_compressed=is_compressed, rng=random.Random(),
        )  # fmt: skip
        self._is_closed = False
        self._most_waiting = most_waiting
        self._begin()
        atexit.register(self.close, 5.0)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_again)

    def track(self, event: str, *, properties: Fields = None, **common: Any) -> bool:
        """Say that a person did something. *common*: see `send`."""
        return self.send("track", {"event": event, "properties": properties}, **common)

    def page(self, name: Optional[str] = None, *, properties: Fields = None, **common: Any) -> bool:
        """Say that a person saw a page."""
        return self.send("page", {"name": name, "properties": properties}, **common)

    def screen(self, name: Optional[str] = None, *, properties: Fields = None, **common: Any) -> bool:
        """Say that a person saw a screen of an app."""
        return self.send("screen", {"name": name, "properties": properties}, **common)

    def identify(self, user_id: str, *, traits: Fields = None, **common: Any) -> bool:
        """Say who a person is; with an `anonymous_id` both are one person from then on."""
        return self.send("identify", {"traits": traits}, user_id=user_id, **common)

    def group(self, group_id: str, *, traits: Fields = None, **common: Any) -> bool:
        """Say that a person belongs to a group."""
        return self.send("group", {"groupId": group_id, "traits": traits}, **common)

    def alias(self, user_id: str, previous_id: str, **common: Any) -> bool:
        """Say that two ids are one person."""
        return self.send("alias", {"previousId": previous_id}, user_id=user_id, **common)

    def send(
        self,
        kind: str,
        fields: Mapping[str, Any],
        *,
        user_id: Optional[str] = None,
        anonymous_id: Optional[str] = None,
        context: Fields = None,
        timestamp: Moment = None,
        message_id: Optional[str] = None,
        consent: Union[str, bool, Mapping[str, Any], None] = None,
    ) -> bool:
        """Queue an event. The same *message_id* counts once: give the id of the order, and a repeated job does no harm."""
        try:
            raw = protocol.build_event(
                kind,
                {**fields, "timestamp": _instant(timestamp)},
                message_id=message_id or str(uuid.uuid4()),
                now=time.time_ns() // 1_000_000,
                anonymous_id=anonymous_id,
                user_id=user_id,
                context={**_LIBRARY, **(context or {})},
                consent=consent,
            )
            is_taken = not self._is_closed and self._queue.add(raw)
        except protocol.Refused as error:
            self._report(str(error), {"type": kind, **fields})
            return False
        except OSError as error:
            log.warning("The spool takes no event: %s", error)
            self._report("storage_failed", {"type": kind, **fields})
            return False
        except Exception:  # noqa: BLE001  a time out of range, a mapping that changes meanwhile: whatever was given, a call never raises
            self._report("not_json", {"type": kind, **fields})
            return False
        if not is_taken:
            self._report("closed" if self._is_closed else "queue_full", {"type": kind, **fields})
            return False
        self._sender.notice()
        return True

    def flush(self, timeout: float = 10.0) -> bool:
        """Send what waits now; return whether all of it had its answer within *timeout* seconds."""
        return self._sender.flush(timeout)

    def close(self, timeout: float = 10.0) -> bool:
        """Deliver what waits and stop. What is left then stays in the spool; without one it is told as `not_delivered`."""
        if self._is_closed:
            return True
        self._is_closed = True
        atexit.unregister(self.close)
        is_empty = self._sender.close(timeout)
        if isinstance(self._queue, MemoryQueue):
            for event in self._queue.first(len(self._queue)):
                self._report("not_delivered", json.loads(event.raw))
        self._queue.close()
        return is_empty

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_again(self) -> None:
        """Begin anew in the child of a fork, where the thread does not live on and the queue is the parent's."""
        if not self._is_closed:
            self._queue.abandon()
            try:
                self._begin()
            except OSError as error:  # the parent's files must not be written to by their old numbers
                log.warning("The spool cannot be opened after a fork, events wait in memory: %s", error)
                self._new_queue = lambda: MemoryQueue(self._most_waiting)
                self._begin()

    def _begin(self) -> None:
        self._queue: Queue = self._new_queue()
        self._sender = self._new_sender(self._queue)
        if len(self._queue):
            self._sender.notice()

    def _report(self, reason: str, event: Optional[Dict[str, Any]] = None) -> None:
        if self._on_error is None:
            log.warning("An event was not taken: %s", reason)
            return
        try:
            self._on_error(reason, event)
        except (Exception, SystemExit):  # noqa: BLE001  the listener is the caller's; measuring must not break the measured program
            log.exception("on_error failed")


def _queue(spool: Union[str, Path, None], most: int, is_synced: bool) -> Queue:
    if spool is None:
        return MemoryQueue(most)
    from tributary_sdk.spool import Spool  # needs flock, which not every system has

    return Spool(Path(spool), most=most, is_synced=is_synced)


def _instant(moment: Moment) -> Optional[str]:
    if isinstance(moment, datetime):
        return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return moment
