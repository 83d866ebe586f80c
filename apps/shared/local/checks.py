"""`make check`: everything a machine can say about the code without running it, in one list that the tests use too."""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from apps.shared.local.layout import ROOT

OPENAPI = ROOT / "docs" / "openapi.yaml"
LOCKS = ("dev", "local", "base", "production", "peers")
_BIN = Path(sys.executable).parent
_DJANGO = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a check is content, and its words."""

    is_good: bool
    words: str


def _tool(*command: str) -> Outcome:
    done = subprocess.run(
        [str(_BIN / command[0]), *command[1:]],
        cwd=ROOT, env={**os.environ, **_DJANGO}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Outcome(done.returncode == 0, f"{done.stdout}{done.stderr}".strip())


def _openapi() -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yaml"
        made = _write_openapi(fresh)
        if not made.is_good:
            return made
        return _same(OPENAPI, fresh, "make api")


def _write_openapi(path: Path) -> Outcome:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _tool("python", "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(path))


def _locks() -> Outcome:
    """Lock again on top of the present pins: only a changed *.in can then change a lock."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = []
        for name in LOCKS:
            fresh = Path(folder) / f"{name}.txt"
            shutil.copyfile(ROOT / "requirements" / f"{name}.txt", fresh)
            made = _write_lock(name, fresh)
            outcomes.append(_same(ROOT / "requirements" / fresh.name, fresh, "make lock") if made.is_good else made)
        return Outcome(
            all(one.is_good for one in outcomes), "\n".join(one.words for one in outcomes if not one.is_good)
        )


def _write_lock(name: str, path: Path) -> Outcome:
    pins = () if name == "dev" else ("-c", "requirements/dev.txt")
    source = f"requirements/{name}.in"
    # Universal, from 3.11.0 on: Debian 12 has 3.11.2, which needs packages that 3.11.7 does not.
    options = ("--quiet", "--generate-hashes", "--no-header", "--universal", "--python-version=3.11")
    return _tool("uv", "pip", "compile", *options, source, *pins, "-o", str(path))


def _same(kept: Path, fresh: Path, cure: str) -> Outcome:
    before = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    after = fresh.read_text(encoding="utf-8").splitlines()
    difference = list(difflib.unified_diff(before, after, str(kept.relative_to(ROOT)), "now", lineterm="", n=1))
    return Outcome(not difference, "\n".join([*difference[:40], f"`{cure}` writes it again."] if difference else []))


CHECKS: dict[str, Callable[[], Outcome]] = {
    "format": lambda: _tool("ruff", "format", "--check", "."),
    "lint": lambda: _tool("ruff", "check", "."),
    "templates": lambda: _tool("djlint", "templates", "--lint", "--quiet"),
    "types": lambda: _tool("mypy", "attribution", "apps", "config", "benchmarks"),
    "sdk-types": lambda: _tool("mypy", "--config-file", "sdks/python/pyproject.toml", "sdks/python/src"),
    "imports": lambda: _tool("lint-imports"),
    "migrations": lambda: _tool("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "policies": lambda: _tool("python", "manage.py", "check_policies"),
    "openapi": _openapi,
    "spelling": lambda: _tool("codespell"),
    "locks": _locks,
}


def main(arguments: list[str]) -> int:
    """Run the named checks, or all, two at a time; return how many complain."""
    if arguments == ["--write-openapi"]:
        return _report("openapi", _write_openapi(OPENAPI), 0.0)
    if arguments == ["--write-locks"]:
        return sum(_report(name, _write_lock(name, ROOT / "requirements" / f"{name}.txt"), 0.0) for name in LOCKS)
    if unknown := set(arguments) - set(CHECKS):
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(max_workers=2) as pool:
        return sum(pool.map(_run, arguments or CHECKS))


def _run(name: str) -> int:
    began = time.monotonic()
    return _report(name, CHECKS[name](), time.monotonic() - began)


def _report(name: str, outcome: Outcome, seconds: float) -> int:
    mark = "ok  " if outcome.is_good else "FAIL"
    print(f"{mark} {name:<12} {seconds:5.1f} s" + ("" if outcome.is_good else f"\n{outcome.words}"), flush=True)
    return int(not outcome.is_good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
