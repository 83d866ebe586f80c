"""From a clone to a working environment, with nothing but Python's own library: venv, requirements, assets.

Run by the Makefile with the system's Python: `python3 apps/shared/local/bootstrap.py up|test|check|setup|down [...]`.
Each step is skipped when a stamp beside its result says that its inputs have not changed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
GIGABYTE = 1024**3
NEEDED_FIRST, NEEDED_LATER = 3.0, 0.3
MODULES = {
    "up": "apps.shared.local.up",
    "down": "apps.shared.local.down",
    "check": "apps.shared.local.checks",
    "test": "pytest",
}


def main() -> None:
    """Prepare what the wanted command needs, then become that command."""
    command, *arguments = sys.argv[1:] or ["setup"]
    use_python_311()
    if command == "down":
        become("down", arguments) if PYTHON.exists() else sys.exit("Nothing runs: there is no environment yet.")
    check_disk()
    kind = "dev" if command in {"test", "check"} or (VENV / "bin" / "pytest").exists() else "local"
    node = find_node()
    ensure_venv()
    ensure_requirements(kind)
    ensure_assets(node)
    if command == "test":
        ensure_chromium()
    if command in MODULES:
        become(command, arguments)


def become(command: str, arguments: "list[str]") -> NoReturn:
    """Replace this process, so that Ctrl-C and the exit code are those of the command."""
    os.chdir(ROOT)
    sys.stdout.flush()
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    os.execve(PYTHON, [str(PYTHON), "-m", MODULES[command], *arguments], environment)


def fail(sentence: str) -> NoReturn:
    """Stop with one sentence that says what to do."""
    sys.exit(f"\ntributary: {sentence}")


# --- The machine --------------------------------------------------------------------------------


def use_python_311() -> None:
    """Go on with a newer Python when this one is too old and a newer one is there."""
    if sys.version_info >= (3, 11):
        return
    for name in ("python3.11", "python3.12", "python3.13"):
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: install python3.11 and python3.11-venv.")


def check_disk() -> None:
    """Refuse to begin what cannot be finished."""
    is_first = not (VENV / ".requirements").exists()
    needed = NEEDED_FIRST if is_first else NEEDED_LATER
    data = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    while not data.exists():
        data = data.parent
    for folder in {ROOT, data}:
        free = shutil.disk_usage(folder).free / GIGABYTE
        if free < needed:
            fail(
                f"{needed:g} GB of free disk are needed in {folder}, there are {free:.1f}: free some space and repeat."
            )


def find_node() -> "dict[str, str]":
    """Return the paths of node and npm."""
    found = {name: shutil.which(name) for name in ("node", "npm")}
    for name, path in found.items():
        if not path:
            fail(f"{name} is missing: install Node.js 20 or newer with npm (https://nodejs.org), then repeat.")
    version = subprocess.run([str(found["node"]), "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)", version)
    if not major or int(major.group(1)) < 20:
        fail(
            f"Node.js 20 or newer is needed, this is {version.strip() or 'unknown'}: install a newer one, then repeat."
        )
    return {name: str(path) for name, path in found.items()}


# --- Steps --------------------------------------------------------------------------------------


def ensure_venv() -> None:
    """Make the virtual environment; one that an interrupted run left half-made is made again."""
    if PYTHON.exists() and quiet([str(PYTHON), "-c", "import ssl"]).returncode == 0:
        return
    with Step("Making the virtual environment"):
        made = quiet([sys.executable, "-m", "venv", "--clear", str(VENV)])
        if made.returncode:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            fail(f"Python cannot make a virtual environment: install the package python{version}-venv, then repeat.")


def ensure_requirements(kind: str) -> None:
    """Install the locked requirements, each checked against its hash."""
    lock = ROOT / "requirements" / f"{kind}.txt"
    wanted = f"{kind} {digest_of([lock])}"
    if stamp_of(VENV) == wanted:
        return
    (VENV / ".requirements").unlink(missing_ok=True)
    with Step(f"Installing requirements/{kind}.txt"):
        uv = find_uv(lock)
        command = [*uv, "pip", "sync", "--require-hashes", "--python", str(PYTHON), str(lock)]
        if run(command, index_environment()):
            fail("The requirements could not be installed: check the network (behind a mirror: PIP_INDEX_URL), repeat.")
    (VENV / ".requirements").write_text(wanted, encoding="utf-8")


def find_uv(lock: Path) -> "list[str]":
    """Return the installer, itself installed from the lock file first; it is many times faster than pip."""
    block = re.search(r"^uv==[^\n]*(?:\n[ ]+--hash[^\n]*)*", lock.read_text(encoding="utf-8"), re.MULTILINE)
    if not block:
        fail(f"{lock.name} does not lock uv: run `git checkout requirements` and repeat.")
    version = block.group().split()[0].partition("==")[2]
    present = quiet([str(VENV / "bin" / "uv"), "--version"]) if (VENV / "bin" / "uv").exists() else None
    if present is None or version not in present.stdout:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
            only_uv.write(block.group() + "\n")
            only_uv.flush()
            quiet([str(PYTHON), "-m", "ensurepip"])
            pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            if run([*pip, "--no-deps", "--require-hashes", "-r", only_uv.name], {}):
                fail("uv could not be installed: check the network (behind a mirror: PIP_INDEX_URL), repeat.")
    return [str(VENV / "bin" / "uv")]


def index_environment() -> "dict[str, str]":
    """Tell uv the package index that pip was told, which it does not read by itself."""
    if os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL"):
        return {}
    index = (
        os.environ.get("PIP_INDEX_URL") or quiet([str(PYTHON), "-m", "pip", "config", "get", "global.index-url"]).stdout
    )
    return {"UV_DEFAULT_INDEX": index.strip()} if index.strip() else {}


def ensure_assets(node: "dict[str, str]") -> None:
    """Install the packages of the pages and build their assets."""
    modules, built = ROOT / "node_modules", ROOT / "static" / "dist"
    packages = digest_of([ROOT / "package.json", ROOT / "package-lock.json"])
    if stamp_of(modules) != packages:
        with Step("Installing the packages of the pages (npm ci)"):
            if run([node["npm"], "ci", "--no-audit", "--no-fund", "--loglevel=error"], {}):
                fail("npm could not install the packages of the pages: check the network, then repeat.")
        (modules / ".requirements").write_text(packages, encoding="utf-8")
    ours = [*sources(ROOT / "static", built), *sources(ROOT / "sdks" / "javascript", built)]
    wanted = digest_of([ROOT / "package-lock.json", ROOT / "vite.config.js", *ours])
    if stamp_of(built) != wanted:
        with Step("Building the assets"):
            made = quiet([node["npm"], "run", "build"])
            if made.returncode:
                fail(f"The assets could not be built: {(made.stderr or made.stdout).strip()[-1500:]}")
        (built / ".requirements").write_text(wanted, encoding="utf-8")


def ensure_chromium() -> None:
    """Install the browser of the browser tests where that is allowed; else say what will be skipped."""
    if os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with Step("Installing Chromium for the browser tests"):
            environment = {"DEBIAN_FRONTEND": "noninteractive"}
            install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
            if run(install, environment) and (
                run(["apt-get", "update", "-qq"], environment) or run(install, environment)
            ):
                say("      Chromium could not be installed: the browser tests will be skipped.")
        return
    say("Chromium is missing: the browser tests will be skipped. To run them: apt-get install chromium (as root).")


# --- Small things -------------------------------------------------------------------------------


class Step:
    """Announces a step and says how long it took."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> None:
        self.began = time.monotonic()
        say(f"{self.title} …")

    def __exit__(self, kind: "type[BaseException] | None", *_: object) -> None:
        if kind is None:
            say(f"      done in {time.monotonic() - self.began:.1f} s")


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def run(command: "list[str]", environment: "dict[str, str]") -> int:
    """Run a command that shows its own progress and return its exit code."""
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def quiet(command: "list[str]") -> "subprocess.CompletedProcess[str]":
    """Run a command whose words matter only when it fails."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def digest_of(files: "list[Path]") -> str:
    """Return a fingerprint of the names and contents of *files*."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def stamp_of(folder: Path) -> str:
    """Return what *folder* was made from; empty when it never was finished."""
    stamp = folder / ".requirements"
    return stamp.read_text(encoding="utf-8") if stamp.exists() else ""


def sources(folder: Path, without: Path) -> "list[Path]":
    """Return the files that the assets are built from."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and without not in path.parents)


if __name__ == "__main__":
    # As a script, this folder is first on the path, where a module of ours could hide one of Python's own.
    sys.path.pop(0)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
