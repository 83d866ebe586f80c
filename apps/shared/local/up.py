"""`make up`, after the environment is there: stores, migrations, demo, processes; then watch them until the end."""

import errno
import fcntl
import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

from apps.shared.local import ports, prepare, processes, record, regions, stores
from apps.shared.local.console import Console
from apps.shared.local.interrupts import Interrupts, StopAsked
from apps.shared.local.layout import ROOT, Layout, Ports
from apps.shared.local.owner import owner_of
from apps.shared.local.postgres import PostgresRefused
from apps.shared.local.service import NotReady
from apps.shared.local.supervisor import Supervisor


class CannotStart(RuntimeError):
    """Something outside must change first; the message says what."""


def main() -> int:
    """Run everything until someone asks to stop; return the exit code."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    interrupts, console = Interrupts(), Console(total=5)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = take_lock(folder)
        interrupts.install()
        layout = Layout.of(folder, Ports.from_environment(os.environ))
        with lock:
            return _run(layout, console, interrupts)
    except StopAsked:
        console.say("Stopped.")
        return 0
    except (CannotStart, PostgresRefused, prepare.SetupFailed) as error:
        return _complain(str(error))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}:
            raise
        return _complain(
            f"{error.strerror} ({error.filename or folder}): free space or allow writing there, then repeat."
        )


def _run(layout: Layout, console: Console, interrupts: Interrupts) -> int:
    supervisor = Supervisor(layout.folder, console, interrupts)
    try:
        _start(layout, console, supervisor)
        supervisor.watch()
    except StopAsked:
        console.say("\nStopping: first the doors, then the workers, then the stores.")
        return 0
    except NotReady as error:
        return _complain(f"{error}\nThe whole log: {layout.logs}.")
    finally:
        interrupts.is_asked = True  # from here on a signal only means: faster
        supervisor.stop()
        console.say("Everything has stopped; nothing was lost.")
    return 0


def _start(layout: Layout, console: Console, supervisor: Supervisor) -> None:
    variables = processes.environment(layout, os.environ)
    _look_around(layout, console)
    with console.step("Starting PostgreSQL, ClickHouse, Valkey and the event log"):
        supervisor.start([*stores.prepare(layout), *regions.services(layout, os.environ)])
    preparation = prepare.Preparation(layout, variables)
    if due := preparation.pending():
        with console.step(f"Preparing: {', '.join(due)}"):
            preparation.run(due)
    else:
        console.skip("Migrations, static files, translations", "up to date")
    _load_demo(preparation, console)
    shutil.rmtree(variables["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    Path(variables["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True)
    with console.step("Starting web, collect, writer, worker and beat"):
        for group in processes.groups(layout, variables):  # the doors first: people wait for pages
            supervisor.start(group)
    console.say(_welcome(layout, console.elapsed()))


def _look_around(layout: Layout, console: Console) -> None:
    with console.step("Looking at disk, ports and what an earlier run left"):
        prepare.check_disk(layout.folder)
        if left := record.end_left_overs(layout.folder):
            console.say(f"      stopped what a killed run had left: {', '.join(left)}")
        if prepare.begin_first_start(layout.folder):
            console.say("      the first start was interrupted earlier: its empty stores are made anew")
        for name, port in {**layout.ports.named(), **regions.named_ports(layout, os.environ)}.items():
            if not ports.is_free(port):
                other = f"{name}={port + 10} make up"
                raise CannotStart(
                    f"Port {port} is taken{owner_of(port)}: stop that program, or choose another: {other}."
                )


def _load_demo(preparation: prepare.Preparation, console: Console) -> None:
    if os.environ.get("TRIBUTARY_DEMO", "1") == "0" or not processes.has_command("load_demo"):
        console.skip("Demo organization", "not wanted")
        return
    with console.step("Loading the demo organization"):
        if not preparation.load_demo():
            console.say("      it is there already")


def take_lock(folder: Path) -> TextIO:
    """Hold *folder* for this process; the kernel lets go of it however the process ends."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        running = next((entry.pid for entry in record.read(folder) if entry.name == "supervisor"), "unknown")
        raise CannotStart(
            f"Tributary already runs from {folder} (process {running}): `make down` stops it; "
            "VAR_DIR and the *_PORT variables start a second one elsewhere."
        ) from None
    return lock


def _welcome(layout: Layout, seconds: float) -> str:
    login = layout.folder / "demo-login.txt"
    who = login.read_text(encoding="utf-8").strip() if login.exists() else "python manage.py createsuperuser makes one"
    return (
        f"\n  Tributary is up after {seconds:.1f} s.\n\n"
        f"  Dashboard   http://{ports.LOOPBACK}:{layout.ports.web}\n"
        f"  Login       {who}\n"
        f"  Events to   http://{ports.LOOPBACK}:{layout.ports.collect}/v1/track\n"
        f"  Logs        {layout.logs}\n\n"
        "  Ctrl-C, or `make down` in another terminal, stops everything.\n"
    )


def _complain(sentence: str) -> int:
    print(f"\ntributary: {sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
