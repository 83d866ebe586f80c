"""Which program listens on a port, as far as this user may know."""

from pathlib import Path

_LISTENING = "0A"


def owner_of(port: int) -> str:
    """Return ` by NAME (process PID)`, or nothing when the kernel will not say."""
    sockets = _listening(port)
    for links in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) in sockets for link in links.iterdir()):
                name = (links.parent / "comm").read_text(encoding="utf-8").strip()
                return f" by {name} (process {links.parent.name})"
        except OSError:
            continue  # another user's process, or one that just ended
    return ""


def _listening(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        path = Path(table)
        for line in path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else ():
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
