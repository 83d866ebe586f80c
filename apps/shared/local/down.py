"""`make down`: ask the supervisor to stop and wait until it has; clean up after one that was killed."""

import os
import signal
import sys
import time
from pathlib import Path

from apps.shared.local import record
from apps.shared.local.layout import ROOT

_LONGEST = 90.0


def main() -> int:
    """Stop what runs from the data folder."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    supervisor = next((entry for entry in record.read(folder) if entry.name == "supervisor"), None)
    if supervisor is None or not supervisor.is_alive():
        left = record.end_left_overs(folder)
        print(f"Stopped what a killed run had left: {', '.join(left)}." if left else f"Nothing runs from {folder}.")
        return 0
    os.kill(supervisor.pid, signal.SIGTERM)
    deadline = time.monotonic() + _LONGEST
    while supervisor.is_alive():
        if time.monotonic() > deadline:
            print(f"The supervisor (process {supervisor.pid}) has not stopped after {_LONGEST:g} s.", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
