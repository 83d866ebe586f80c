"""Run the server: `python -m apps.shared.local.clickhouse --data DIR --port PORT`."""

import argparse
import ipaddress
import json
import os
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from .engine import Engine
from .lock import FolderInUse, lock_folder
from .server import BACKLOG, Server
from .session import Account


def main() -> int:
    options = _options()
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the engine's threads start, so that none takes them
    try:
        listener = _listen(options.host, options.port)
        lock = lock_folder(options.data)
    except (FolderInUse, OSError, ValueError) as error:
        print(f"clickhouse: {error}", file=sys.stderr)
        return 1
    engine = Engine(options.data.resolve())
    account = Account(os.environ.get("CLICKHOUSE_USER", "default"), os.environ.get("CLICKHOUSE_PASSWORD", ""))
    server = Server(engine, listener, account, _log)
    server.start()
    _log("listening", host=options.host, port=listener.getsockname()[1], data=str(options.data), pid=os.getpid())
    received = signal.sigwait(signals)
    _log("stopping", signal=signal.Signals(received).name)
    if server.stop():
        engine.close()
    lock.close()
    _log("stopped")
    sys.stdout.flush()
    os._exit(0)  # the engine's own threads would be waited for


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="clickhouse", description="One ClickHouse engine on loopback, native protocol."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    return parser.parse_args()


def _listen(host: str, port: int) -> socket.socket:
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    if not address.is_loopback:
        raise ValueError(
            f"{host} is not a loopback address: this server has no encryption and listens on this machine only"
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((str(address), port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"port {port} on {host} cannot be used ({error.strerror}): stop what listens there, or choose another port"
        ) from None
    listener.listen(BACKLOG)
    return listener


def _log(event: str, *, level: str = "info", **fields: object) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    print(json.dumps({"timestamp": now, "level": level, "logger": "clickhouse", "event": event, **fields}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
