"""A core of its own for each process of the door.

Python runs one of a process's threads at a time, so several cores make it no faster: they make threads that hand over
to each other wake across cores, which costs more than what they do (ADR 0125).
"""

import os
import socket
import sys
from pathlib import Path

_held: list[socket.socket] = []  # a name in the system's memory, given back when the process ends, however it does


def keep_to_one() -> int | None:
    """Keep this process to a core that no process of the same parent keeps to, and return its number.

    None where there is no choice, or no core is left: then the process stays where it may run.
    """
    if sys.platform != "linux":
        return None
    cores = sorted(os.sched_getaffinity(0))
    core = next((one for one in cores if _is_ours(one)), None) if len(cores) > 1 else None
    if core is not None:
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})
    return core


def _is_ours(core: int) -> bool:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0tributary-core-{os.getppid()}-{core}")
    except OSError:  # another has it
        claim.close()
        return False
    _held.append(claim)
    return True
