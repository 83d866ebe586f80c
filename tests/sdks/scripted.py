"""A door that answers as a test wants, and remembers what it was asked."""

import base64
import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.ingestion.processes import wait_until


class Answer(NamedTuple):
    """What the door says."""

    status: int
    body: str = ""
    headers: dict[str, str] = {}


@dataclass(frozen=True)
class Asked:
    """A request: when, where, by whom, how long and what."""

    at: float
    path: str
    key: str
    size: int
    document: dict[str, Any] = field(repr=False)
    method: str = "POST"
    accept: str = ""

    @property
    def batch(self) -> list[dict[str, Any]]:
        """The events, in the order of the request; none in a question."""
        found: list[dict[str, Any]] = self.document.get("batch", [])
        return found


def accepted(asked: Asked) -> Answer:
    """Accept every event."""
    results = [{"index": index, "status": "accepted"} for index in range(len(asked.batch))]
    return Answer(200, json.dumps({"success": True, "results": results}))


class ScriptedDoor:
    """Answers what `script` says, one after the other, and then `usual`."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.script: list[Answer] = []
        self.usual: Callable[[Asked], Answer] = accepted
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                answer = door.answer(self)
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body.encode()))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body.encode())

            do_GET = do_POST  # noqa: N815  a client that follows a redirect would come with it

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port: int = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> Answer:
        """Remember a request and choose its answer."""
        raw = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if request.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        word = request.headers.get("Authorization", "").removeprefix("Basic ")
        asked = Asked(
            time.monotonic(), request.path, base64.b64decode(word).decode(), len(raw), json.loads(raw or b"{}"),
            request.command, ", ".join(request.headers.get_all("Accept", [])),
        )  # fmt: skip
        self.asked.append(asked)
        return self.script.pop(0) if self.script else self.usual(asked)

    def events(self) -> list[dict[str, Any]]:
        """Return every event of every request, in order."""
        return [event for asked in self.asked for event in asked.batch]

    def wait(self, requests: int, seconds: float = 20) -> list[Asked]:
        """Wait for so many requests and return them."""
        wait_until(lambda: len(self.asked) >= requests, seconds, lambda: str(self.asked))
        return self.asked

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
