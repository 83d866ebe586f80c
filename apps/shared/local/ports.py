"""Ports of this machine: free ones, and who answers on a taken one."""

import random
import socket
from contextlib import closing

LOOPBACK = "127.0.0.1"
# Below those that a system gives to whoever connects: one of them may be taken before its server has started.
_KEPT = iter(random.SystemRandom().sample(range(10_000, 32_000), 22_000))


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on *port* now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that was free a moment ago, another each time."""
    return next(filter(is_free, _KEPT))


def answers(port: int) -> bool:
    """Tell whether something accepts connections on *port*."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False
