"""A core of its own for each process of the door.

Python runs one of a process's threads at a time, so several cores make it no faster: they make threads that hand over
to each other wake across cores, which costs more than what they do (ADR 0125).
"""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

_held: list[socket.socket] = []  # a name in the system's memory, given back when the process ends, however it does


def keep_to_one() -> int | None:
    """Keep this process to a core that no process of the same parent keeps to, and return its number.

    None where there is no choice, no core is left, or the system does not let it: then it stays where it may run.
    """
    if sys.platform != "linux":
        return None
    cores = sorted(os.sched_getaffinity(0))
    core = next((one for one in cores if _is_ours(one)), None) if len(cores) > 1 else None
    if core is None:
        return None
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has ended meanwhile, or a sandbox forbids it
            os.sched_setaffinity(int(thread.name), {core})
    return core if os.sched_getaffinity(0) == {core} else None


def _is_ours(core: int) -> bool:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0tributary-core-{os.getppid()}-{core}")
    except OSError:  # another has it
        claim.close()
        return False
    _held.append(claim)
    return True
