"""Failures with ClickHouse's own codes and names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

BAD_ARGUMENTS = (36, "BAD_ARGUMENTS")
NOT_IMPLEMENTED = (48, "NOT_IMPLEMENTED")
SYNTAX_ERROR = (62, "SYNTAX_ERROR")
UNEXPECTED_PACKET_FROM_CLIENT = (101, "UNEXPECTED_PACKET_FROM_CLIENT")
INCORRECT_DATA = (117, "INCORRECT_DATA")
TOO_MANY_CONNECTIONS = (203, "TOO_MANY_SIMULTANEOUS_QUERIES")
CANNOT_DECOMPRESS = (271, "CANNOT_DECOMPRESS")
QUERY_WAS_CANCELLED = (394, "QUERY_WAS_CANCELLED")
CHECKSUM_DOESNT_MATCH = (40, "CHECKSUM_DOESNT_MATCH")
AUTHENTICATION_FAILED = (516, "AUTHENTICATION_FAILED")
UNKNOWN_EXCEPTION = (1002, "UNKNOWN_EXCEPTION")

_ENGINE_MESSAGE = re.compile(
    r"Code: (?P<code>\d+)\. DB::(?:\w+)?Exception: (?P<text>.*)\((?P<name>[A-Z0-9_]+)\)\s*(?:\(version [^)]*\))?\s*$",
    re.DOTALL,
)


class ServerError(Exception):
    """An error that the client is told about; the connection goes on."""

    def __init__(self, code_and_name: tuple[int, str], text: str) -> None:
        self.code, self.name = code_and_name
        self.text = text
        super().__init__(f"Code: {self.code}. {text} ({self.name})")


class ProtocolError(ServerError):
    """Bytes that make no sense: the client is told, then the connection closes."""


class ClientGone(Exception):
    """The other side closed the connection."""


@contextmanager
def from_engine() -> Iterator[None]:
    """Turn the engine's failures into ServerError, with the code and the name out of its message."""
    try:
        yield
    except UnicodeDecodeError as error:  # a message that quotes bytes of the query or of the data
        raise _said(error.object.decode(errors="backslashreplace")) from None
    except RuntimeError as error:
        raise _said(str(error)) from None


def _said(message: str) -> ServerError:
    found = _ENGINE_MESSAGE.search(message)
    if found is None:
        return ServerError(UNKNOWN_EXCEPTION, message)
    return ServerError((int(found["code"]), found["name"]), found["text"].strip())
