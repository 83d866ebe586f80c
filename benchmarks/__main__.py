"""`python -m benchmarks [name ...]`: run the measurements and write docs/benchmarks.md."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from apps.shared import behalf
from benchmarks import machine, table
from benchmarks.machine import Stores, manage, running_stores
from benchmarks.rows import Row

NAMES = (
    "engine",
    "expectations",
    "collection",
    "imports",
    "attribution",
    "identity",
    "training",
    "memory",
    "pages",
    "access",
)


def main() -> int:
    """Measure what was asked for, print it, and write the whole table down when everything was measured."""
    options = _options()
    rows: list[Row] = []
    load, before = os.getloadavg()[0], machine.speed()
    with running_stores() as stores:
        import django

        django.setup()
        behalf.serve_everybody()
        for name in options.names or NAMES:
            print(f"\n{name} ...", flush=True)
            found = _benchmark(name, stores, options.journeys)()
            rows += found
            print(table.as_text(found), flush=True)
    speed = before, machine.speed()
    print(f"\n{table.said_speed(speed)}")
    if not options.names:
        table.write(rows, load=load, speed=speed)
        print(f"\nWritten to {table.PATH}.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], help="only these; nothing is written then")
    parser.add_argument(
        "--journeys",
        type=Path,
        default=os.environ.get("JOURNEYS_CSV"),
        help="the file to import; without it one of the same shape is made",
    )
    return parser.parse_args()


def _benchmark(name: str, stores: Stores, journeys: Path | None) -> Callable[[], list[Row]]:
    if name in {"memory", "pages"}:
        manage("load_demo")
    if name == "collection":
        from benchmarks import collection

        return lambda: collection.run(stores)
    if name == "imports":
        from benchmarks import imports

        return lambda: imports.run(stores, journeys)
    if name in {"memory", "pages"}:
        return lambda: _module(name).run(stores)
    return lambda: _module(name).run()


def _module(name: str) -> Any:
    return import_module(f"benchmarks.{name}")


if __name__ == "__main__":
    sys.exit(main())
