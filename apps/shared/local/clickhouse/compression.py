"""Compressed frames: a CityHash128 checksum, a method, two sizes, the bytes."""

import struct
from collections.abc import Callable, Iterable

import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from .errors import CANNOT_DECOMPRESS, CHECKSUM_DOESNT_MATCH, ProtocolError
from .wire import Reader

NONE, LZ4, ZSTD = 0x02, 0x82, 0x90
HEADER = struct.Struct("<BII")  # method, size of header and body, size when unpacked
MAX_FRAME = 1 << 30
FRAME = 1 << 20


def frame(data: bytes) -> bytes:
    """Pack one frame with LZ4, the method every client knows."""
    body: bytes = lz4.block.compress(data, store_size=False)
    packed = HEADER.pack(LZ4, HEADER.size + len(body), len(data)) + body
    return _checksum(packed) + packed


def frames(pieces: Iterable[bytes | memoryview]) -> Iterable[bytes]:
    """Pack bytes into frames of about a mebibyte, so that a large block needs no second copy."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= FRAME:
            yield frame(bytes(waiting[:FRAME]))
            del waiting[:FRAME]
    if waiting:
        yield frame(bytes(waiting))


def unpack_frame(reader: Reader) -> bytes:
    """Read one frame, check it and return what was packed."""
    checksum = reader.take(16)
    head = reader.take(HEADER.size)
    method, packed_size, size = HEADER.unpack(head)
    if not HEADER.size <= packed_size <= MAX_FRAME or size > MAX_FRAME:
        raise ProtocolError(
            CANNOT_DECOMPRESS, f"A compressed frame claims {packed_size} bytes packed and {size} unpacked"
        )
    body = reader.take(packed_size - HEADER.size)
    if _checksum(head + body) != checksum:
        raise ProtocolError(CHECKSUM_DOESNT_MATCH, "Checksum doesn't match: corrupted data in a compressed frame")
    reader.forget()
    return _unpack(method, body, size)


def compressed_reader(reader: Reader) -> Reader:
    """Read the unpacked bytes of the frames that follow in *reader*."""
    more: Callable[[], bytes] = lambda: unpack_frame(reader)  # noqa: E731
    return Reader(more)


def _unpack(method: int, body: bytes, size: int) -> bytes:
    try:
        if method == LZ4:
            data: bytes = lz4.block.decompress(body, uncompressed_size=size)
        elif method == ZSTD:
            data = zstandard.ZstdDecompressor().decompress(body, max_output_size=size)
        elif method == NONE:
            data = body
        else:
            raise ProtocolError(CANNOT_DECOMPRESS, f"Unknown compression method {method:#x}")
    except (lz4.block.LZ4BlockError, zstandard.ZstdError, MemoryError) as error:
        raise ProtocolError(CANNOT_DECOMPRESS, f"A compressed frame cannot be unpacked: {error}") from None
    if len(data) != size:
        raise ProtocolError(CANNOT_DECOMPRESS, f"A compressed frame unpacked to {len(data)} bytes instead of {size}")
    return data


def _checksum(data: bytes) -> bytes:
    digest = int(CityHash128(data)).to_bytes(16, "little")
    return digest[8:] + digest[:8]
