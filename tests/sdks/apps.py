"""The test apps of the Android and iOS SDKs, which do what a test tells them line by line."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.shared.local.layout import ROOT
from tests.ingestion.processes import wait_until

SDKS = ROOT / "sdks"
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
TOOLCHAIN = SDKS / "ios" / "toolchain.sh"
SWIFT_ROOT = Path(os.environ.get("SWIFT_ROOT") or ROOT / "var" / "swift")
BUILD = Path(f"{SWIFT_ROOT}-build")
STRICT = ["-Xswiftc", "-warnings-as-errors"]


class App:
    """One process; what it prints is read line by line."""

    def __init__(self, command: list[str]) -> None:
        self.popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
        )

    def do(self, *lines: str) -> None:
        """Tell the app what to do."""
        assert self.popen.stdin is not None
        self.popen.stdin.write("".join(f"{line}\n" for line in lines))
        self.popen.stdin.flush()

    def says(self) -> str:
        """Return the next line that the app prints."""
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().rstrip("\n")

    def flush(self, milliseconds: int = 10_000) -> bool:
        """Flush the app's events; return whether all had their answer."""
        self.do(f"flush {milliseconds}")
        said = self.says()
        assert said.startswith("flushed "), said
        return said == "flushed true"

    def end(self) -> str:
        """Let the app end by itself; return what it printed meanwhile."""
        return self.popen.communicate(timeout=30)[0]

    def kill(self) -> None:
        """Kill the app at once."""
        self.popen.kill()
        self.popen.wait()


def wait_for_stored(folder: Path, events: int) -> None:
    """Wait until the queue in *folder* holds so many events."""
    wait_until(lambda: sum(path.read_text().count("\n") for path in (folder / "queue").glob("*.events")) == events, 60)


Start = Callable[..., App]


def swift(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `swift` over the package with the toolchain; skip the test where there is none."""
    if not shutil.which("swift") and not (SWIFT_ROOT / "usr" / "bin" / "swift-build").exists():
        pytest.skip("Swift is not installed: make test-ios makes a root of Debian 13 that has it (2.7 GB)")
    if not shutil.which("swift") and os.geteuid() != 0:
        pytest.skip(f"Swift is in {SWIFT_ROOT}, which only root can enter")
    where = ["--package-path", str(SDKS / "ios"), "--scratch-path", str(BUILD)]
    command = [str(TOOLCHAIN), "run", "swift", *arguments, *where, *STRICT]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def android_classes(folder: Path) -> Path:
    """Compile the core of the Android SDK and its tests for Java 8; skip the test where there is no JDK."""
    if not shutil.which("javac"):
        pytest.skip("javac is not installed: apt-get install default-jdk-headless")
    sources = sorted((SDKS / "android" / "core").rglob("*.java"))
    flags = ["-Xlint:all,-options,-serial", "-Werror", "--release", "8", "-encoding", "UTF-8", "-d", str(folder)]
    done = subprocess.run(["javac", *flags, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def _android(folder: Path) -> list[str]:
    return [*JAVA, "-cp", str(android_classes(folder)), "tributary.sdk.App"]


def _ios(folder: Path) -> list[str]:
    done = swift("build", "--product", "App")
    assert done.returncode == 0, done.stdout + done.stderr
    return [str(TOOLCHAIN), "run", str(BUILD / "debug" / "App")]


@pytest.fixture(scope="session", params=["android", "ios"])
def sdk(request: pytest.FixtureRequest) -> str:
    """Whose app it is."""
    return str(request.param)


@pytest.fixture(scope="session")
def program(sdk: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The app of an SDK, built."""
    return {"android": _android, "ios": _ios}[sdk](tmp_path_factory.mktemp(sdk))


@pytest.fixture
def app(program: list[str], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Start the app with a door, in the folder of this test."""
    started: list[App] = []
    key = request.getfixturevalue("stream").write_key if "stream" in request.fixturenames else "wk_1"

    def start(port: int, *, consent: str = "free", most: int = 10_000) -> App:
        command = [*program, f"http://127.0.0.1:{port}", key, str(tmp_path), consent, str(most)]
        started.append(App(command))
        return started[-1]

    yield start
    for one in started:
        one.kill()
