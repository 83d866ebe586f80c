"""What goes to one client: whole packets in order, from its session and from the watcher."""

import socket
import threading


class Outbox:
    """Keeps packets whole when two threads have something to say."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._owed = b""  # the rest of a packet that was only partly taken

    def send(self, *pieces: bytes | memoryview) -> None:
        """Send packets; wait while the client does not read."""
        with self._lock:
            content = self._owed + b"".join(pieces)
            self._owed = b""
            self._connection.sendall(content)

    def offer(self, packet: bytes) -> None:
        """Send a packet that may be dropped: never waits, neither for the client nor for the session."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if not self._owed:
                sent = self._connection.send(packet, socket.MSG_DONTWAIT)
                self._owed = packet[sent:]
        except OSError:
            return  # the client does not read now, or is gone: its session finds out
        finally:
            self._lock.release()
