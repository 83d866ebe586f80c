"""`manage.py` with the addresses and passwords of the stores that `make up` runs."""

import os
import sys
from pathlib import Path

from apps.shared.local import processes
from apps.shared.local.layout import ROOT, Layout, Ports


def main() -> None:
    """Become manage.py."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    layout = Layout.of(folder, Ports.from_environment(os.environ))
    variables = processes.environment(layout, os.environ)
    variables.pop("PROMETHEUS_MULTIPROC_DIR")  # a command's figures are not the servers'
    if sys.argv[1:2] in (["migrate"], ["sqlmigrate"]):
        variables |= layout.owner_environment()
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "manage.py", *sys.argv[1:]], {**os.environ, **variables})


if __name__ == "__main__":
    main()
