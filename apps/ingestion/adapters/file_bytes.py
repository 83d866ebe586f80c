"""The bytes of a file, out of whatever packs them, and how letters are written: by content, not by name."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

import zstandard

_GZIP, _ZSTANDARD, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# A few kilobytes of these may ask for gigabytes before the first row.
_NOT_UNPACKED = {b"BZh": "bzip2", b"\xfd7zX": "xz", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR"}
_AT_ONCE = 1_024
_SEEN = 65_536  # bytes from which a file is recognised
_MOST_UNPACKED = 250_000_000  # bytes: five times the largest upload
_WRAPPINGS = frozenset({".gz", ".gzip", ".zst", ".zstd", ".zip"})
BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError, zipfile.BadZipFile, lzma.LZMAError)


class UnreadableFile(ValueError):
    """Nothing of the file can be read as rows; the text says why, and what to do."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open *path*, unpacked if it is packed. Raises UnreadableFile, and one of BROKEN while it is read."""
    with path.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(_OLD_EXCEL):
            raise UnreadableFile(f"{path.name} is an Excel workbook: save it as CSV UTF-8.")
        if packed := next((name for mark, name in _NOT_UNPACKED.items() if head.startswith(mark)), ""):
            raise UnreadableFile(f"{path.name} is packed by {packed}: unpack it, or pack it by gzip, Zstandard or zip.")
        if head.startswith(_GZIP):
            with gzip.open(raw) as unpacked:
                yield cast("IO[bytes]", unpacked)
        elif head == _ZSTANDARD:
            with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as unpacked:
                yield unpacked
        elif head == _ZIP:
            with zipfile.ZipFile(raw) as archive, archive.open(_only_member(archive, path)) as unpacked:
                yield unpacked
        else:
            yield raw


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give where *path* is unpacked, for what is read from its end, too. Raises UnreadableFile.

    Unlike a text, which is unpacked as far as it is read, it lies on the disk as a whole: it has its own bound.
    """
    with path.open("rb") as raw:
        head = raw.read(4)
    if not head.startswith((_GZIP, _ZSTANDARD, _ZIP)):
        yield path
        return
    with NamedTemporaryFile(prefix="unpacked-") as whole:
        _unpack(path, whole)
        yield Path(whole.name)


def _unpack(path: Path, whole: IO[bytes]) -> None:
    size = 0
    try:
        with opened(path) as file:
            while content := file.read(_SEEN):
                size += len(content)
                if size > _MOST_UNPACKED:
                    most = f"{_MOST_UNPACKED // 1_000_000} MB"
                    raise UnreadableFile(f"{path.name} has more than {most} unpacked: unpack it first.")
                whole.write(content)
    except (*BROKEN, RuntimeError) as error:  # the latter: locked
        raise UnreadableFile(f"{path.name} cannot be unpacked: {error}") from None
    whole.flush()


class Beginning(io.RawIOBase):
    """The first *most* bytes of a file, as if it ended there."""

    def __init__(self, raw: IO[bytes], most: int) -> None:
        self._raw, self._left = raw, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into *buffer*, and return how many bytes."""
        content = self._raw.read(min(len(buffer), self._left))
        self._left -= len(content)
        buffer[: len(content)] = content
        return len(content)


def head_of(path: Path) -> bytes:
    """Return the first bytes of what *path* holds, of a broken file those before the break. Raises UnreadableFile."""
    head = b""
    try:
        with opened(path) as file:
            while len(head) < _SEEN and (more := file.read(_AT_ONCE)):
                head += more
    except (*BROKEN, RuntimeError, NotImplementedError) as error:  # the latter two: locked, or packed by other means
        if not head:
            raise UnreadableFile(f"{path.name} cannot be unpacked: {error}") from None
    return head


def inner_name(path: Path) -> str:
    """Return the name of what *path* holds: the member's of an archive, else its own without `.gz` or `.zst`."""
    if path.suffix.lower() not in _WRAPPINGS:
        return path.name
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return _only_member(archive, path)
    return path.with_suffix("").name


def encoding_of(head: bytes) -> str:
    """Return how letters are written: by the mark at the beginning, or by where zeros stand, else UTF-8."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > pairs // 2:
        return "utf-16-le"
    return "utf-16-be" if pairs and head[::2].count(0) > pairs // 2 else "utf-8"


def _only_member(archive: zipfile.ZipFile, path: Path) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if any(name.startswith("xl/") for name in names):
        raise UnreadableFile(f"{path.name} is an Excel workbook: save it as CSV UTF-8.")
    if len(names) != 1:
        raise UnreadableFile(f"{path.name} holds several files or none: import them one by one.")
    return names[0]
