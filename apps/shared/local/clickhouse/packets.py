"""Packets of the native protocol, as of revision 54459: the first that binds parameters."""

from dataclasses import dataclass, field

from .errors import NOT_IMPLEMENTED, UNEXPECTED_PACKET_FROM_CLIENT, ProtocolError, ServerError
from .wire import Reader, string, varint

REVISION = 54459
OLDEST_REVISION = 54429  # settings travel as strings since then
WITH_SECRET = 54441
WITH_TRACING = 54442
WITH_DEPTH = 54448
WITH_START_TIME = 54449
WITH_PARALLEL_REPLICAS = 54453
WITH_EVENTS_IN_INSERT = 54456
WITH_ADDENDUM = 54458
WITH_PARAMETERS = 54459

HELLO, QUERY, DATA, CANCEL, PING = range(5)
END_OF_STREAM = b"\x05"
PONG = b"\x04"
DATA_HEAD = b"\x01\x00"
PROFILE_EVENTS_HEAD = b"\x0e\x00"
IMPORTANT, CUSTOM = 1, 2
MAX_SETTINGS = 10_000


@dataclass(frozen=True, slots=True)
class Hello:
    client: str
    revision: int
    database: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    is_important: bool


@dataclass(frozen=True, slots=True)
class Query:
    id: str
    text: str
    is_compressed: bool
    settings: list[Setting] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)


def read_hello(reader: Reader) -> Hello:
    client = reader.text()
    reader.varint()
    reader.varint()
    revision = min(REVISION, reader.varint())
    hello = Hello(client, revision, reader.text(), reader.text(), reader.text())
    if revision < OLDEST_REVISION:
        raise ProtocolError(
            NOT_IMPLEMENTED, f"The client speaks revision {revision}; {OLDEST_REVISION} or newer is needed"
        )
    return hello


def hello(version: tuple[int, int, int], time_zone: str) -> bytes:
    major, minor, patch = version
    return b"".join([
        b"\x00", string("ClickHouse"), varint(major), varint(minor), varint(REVISION),
        string(time_zone), string("tributary"), varint(patch),
    ])  # fmt: skip


def read_query(reader: Reader, revision: int) -> Query:
    query_id = reader.text()
    _skip_client(reader, revision)
    settings = _read_settings(reader)
    if revision >= WITH_SECRET:
        reader.string()
    reader.varint()  # stage: the whole query is always run
    is_compressed = bool(reader.varint())
    text = _utf8(reader.string())
    parameters: dict[str, str] = {}
    if revision >= WITH_PARAMETERS:
        parameters = {setting.name: unquote(setting.value) for setting in _read_settings(reader)}
    return Query(query_id, text, is_compressed, settings, parameters)


def exception(error: ServerError) -> bytes:
    message = f"DB::Exception: {error.text} ({error.name})"
    code = error.code.to_bytes(4, "little", signed=True)
    return b"".join(
        [b"\x02", code, string("DB::Exception"), string(message.encode(errors="replace")), string(""), b"\x00"]
    )


def progress(rows: int, size: int, total: int, written_rows: int = 0, written_bytes: int = 0) -> bytes:
    return b"\x03" + b"".join(map(varint, (rows, size, total, written_rows, written_bytes)))


def profile(rows: int, blocks: int, size: int) -> bytes:
    return b"\x06" + varint(rows) + varint(blocks) + varint(size) + b"\x00" + varint(0) + b"\x00"


def unquote(dump: str) -> str:
    """Undo the quotes that a parameter travels in; what is left is the engine's escaped text."""
    if len(dump) < 2 or not dump.startswith("'") or not dump.endswith("'"):
        return dump
    characters = iter(dump[1:-1])
    return "".join(
        _UNESCAPED.get(following := next(characters, ""), following) if character == "\\" else character
        for character in characters
    )


_UNESCAPED = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}


def _read_settings(reader: Reader) -> list[Setting]:
    settings: list[Setting] = []
    while name := reader.text():
        flags = reader.varint()
        settings.append(Setting(name, reader.text(), bool(flags & IMPORTANT)))
        if len(settings) > MAX_SETTINGS:
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"A query brings more than {MAX_SETTINGS} settings")
    return settings


def _skip_client(reader: Reader, revision: int) -> None:
    """Pass over who asks: the only client is on this machine."""
    if reader.byte() == 0:
        return
    _skip_strings(reader, 3)  # initial user, query id, address
    if revision >= WITH_START_TIME:
        reader.take(8)
    if reader.byte() != 1:
        raise ProtocolError(NOT_IMPLEMENTED, "Only queries of a TCP client are answered")
    _skip_strings(reader, 3)  # system user, host, program
    _skip_numbers(reader, 3)  # its version and revision
    _skip_strings(reader, 1)  # quota key
    if revision >= WITH_DEPTH:
        _skip_numbers(reader, 1)
    _skip_numbers(reader, 1)  # patch version
    if revision >= WITH_TRACING and reader.byte():
        reader.take(24)
        _skip_strings(reader, 1)
        reader.take(1)
    if revision >= WITH_PARALLEL_REPLICAS:
        _skip_numbers(reader, 3)


def _skip_strings(reader: Reader, count: int) -> None:
    for _ in range(count):
        reader.string()


def _skip_numbers(reader: Reader, count: int) -> None:
    for _ in range(count):
        reader.varint()


def _utf8(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="backslashreplace")
