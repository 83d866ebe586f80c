"""The connection to Valkey sends whole commands, whatever the system takes of them at once."""

import socket
import threading

import pytest

from apps.shared.valkey_wire import _send_all


@pytest.mark.parametrize("size", [1, 900, 16_384, 16_385, 3_000_000])
def test_what_the_system_does_not_take_at_once_follows(size: int) -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    before = b"-" * 100
    command = bytes(number % 251 for number in range(size))
    heard = bytearray()

    def listen() -> None:
        while part := theirs.recv(65_536):
            heard.extend(part)

    listening = threading.Thread(target=listen)
    with theirs:
        with ours:
            _send_all(ours, before)
            listening.start()
            _send_all(ours, command)
        listening.join(10)

    assert bytes(heard) == before + command


def test_a_full_connection_is_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        filled = 0
        try:
            while True:
                filled += ours.send(b"-" * 4_096)
        except BlockingIOError:
            ours.settimeout(None)
        sending = threading.Thread(target=_send_all, args=(ours, b"whole"))
        sending.start()
        heard = bytearray()
        while len(heard) < filled + 5:
            heard.extend(theirs.recv(65_536))
        sending.join(5)

    assert heard.endswith(b"-whole")


def test_a_connection_that_was_cut_is_told() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()

    with ours, pytest.raises(OSError, match="pipe"):
        _send_all(ours, b"PING")
