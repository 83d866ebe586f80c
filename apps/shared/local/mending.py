"""Mend the append-only file of a Valkey that does not start: `python -m apps.shared.local.mending FOLDER`.

The server refuses a file with a damaged command in its middle, and its own tool cuts off everything behind it. This
one sets the damaged bytes aside and keeps what follows. Run it on the folder of a server that is stopped; the file as
it was stays beside it (docs/runbooks/operate.md).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_COMMAND = re.compile(rb"\*(\d{1,7})\r\n")
_PART = re.compile(rb"\$(\d{1,10})\r\n")


class Mended(NamedTuple):
    """What was done to one file: commands kept, pieces set aside, and their bytes."""

    commands: int
    pieces: int
    set_aside: int


def main() -> int:
    """Mend every file of commands below the given folder."""
    for path in sorted(Path(sys.argv[1]).glob("appendonlydir/*.incr.aof")):
        found = mend(path)
        print(f"{path.name}: {found.commands} commands kept, {found.pieces} pieces set aside ({found.set_aside} bytes)")
    return 0


def mend(path: Path) -> Mended:
    """Leave only whole commands in *path*; the rest goes to `<name>.damaged`, the file as it was to `<name>.before`."""
    content = path.read_bytes()
    kept, damaged, commands, pieces = bytearray(), bytearray(), 0, 0
    for piece, is_command in _pieces(content):
        (kept if is_command else damaged).extend(piece)
        commands += is_command
        pieces += not is_command
    if pieces:
        path.with_suffix(".aof.damaged").write_bytes(damaged)
        path.rename(path.with_suffix(".aof.before"))
        path.write_bytes(kept)
    return Mended(commands, pieces, len(damaged))


def _pieces(content: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield whole commands and what stands between them, in order, with whether each is a command."""
    start = 0
    while start < len(content):
        end = _end_of_command(content, start)
        if end:
            yield content[start:end], True
            start = end
            continue
        following = _next_command(content, start + 1)
        yield content[start:following], False
        start = following


def _next_command(content: bytes, start: int) -> int:
    while (found := _COMMAND.search(content, start)) is not None:
        if _end_of_command(content, found.start()):
            return found.start()
        start = found.start() + 1
    return len(content)


def _end_of_command(content: bytes, start: int) -> int:
    """Return where the command at *start* ends; 0 where no whole one begins."""
    head = _COMMAND.match(content, start)
    if head is None or int(head[1]) < 1:
        return 0
    place = head.end()
    for _ in range(int(head[1])):
        part = _PART.match(content, place)
        if part is None:
            return 0
        place = part.end() + int(part[1])
        if content[place : place + 2] != b"\r\n":
            return 0
        place += 2
    return place


if __name__ == "__main__":
    sys.exit(main())
