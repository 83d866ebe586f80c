"""Which message ids were stored before: a Bloom filter that never forgets and sometimes suspects wrongly.

A no is certain, so nearly every event is known to be new without a question to the store. A yes is checked there.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh64_intdigest

Hashes = NDArray[np.uint64]

_CAPACITY = 4_000_000  # ids in one part of the filter
_BITS = 1 << 26  # 16.8 bits for each id
_PROBES = 6  # with these bits 0.07 % of new ids are suspected
_EACH_BIT = tuple(np.uint8(1 << number) for number in range(8))


def id_hash(property_id: int, message_id: str) -> int:
    """Return the hash of an id; ClickHouse says xxHash64(concat(toString(property_id), ':', message_id))."""
    return xxh64_intdigest(f"{property_id}:{message_id}".encode())


def id_hashes(keys: Sequence[tuple[int, str]]) -> Hashes:
    """Return the hashes of many ids, each with its property before it."""
    texts = (f"{property_id}:{message_id}".encode() for property_id, message_id in keys)
    return np.fromiter(map(xxh64_intdigest, texts), dtype=np.uint64, count=len(keys))


class SeenIds:
    """Grows by parts of 8 MB, each for four million ids."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.uint8]] = []
        self._room = 0
        self.size = 0

    def add(self, hashes: Hashes) -> None:
        """Remember *hashes*."""
        while hashes.size:
            if not self._room:
                self._parts.append(np.zeros(_BITS // 8, dtype=np.uint8))
                self._room = _CAPACITY
            now, hashes = hashes[: self._room], hashes[self._room :]
            part = self._parts[-1]
            for byte, bit in _probes(now):
                for one in _EACH_BIT:  # ids that share a byte set the same bit of it here, so none is lost
                    part[byte[bit == one]] |= one
            self._room -= now.size
            self.size += now.size

    def suspects(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return for each hash whether it may have been added before; False is certain."""
        suspected = np.zeros(hashes.size, dtype=np.bool_)
        probes = list(_probes(hashes))
        for part in self._parts:
            here = np.ones(hashes.size, dtype=np.bool_)
            for byte, bit in probes:
                here &= (part[byte] & bit) != 0
            suspected |= here
        return suspected


def _probes(hashes: Hashes) -> "list[tuple[NDArray[np.int64], NDArray[np.uint8]]]":
    # Two halves of one hash make any number of probes: Kirsch and Mitzenmacher (2006).
    first = hashes & np.uint64(0xFFFFFFFF)
    second = (hashes >> np.uint64(32)) | np.uint64(1)
    found = []
    for number in range(_PROBES):
        place = (first + np.uint64(number) * second) & np.uint64(_BITS - 1)
        found.append(((place >> np.uint64(3)).astype(np.int64), np.uint8(1) << (place & np.uint64(7)).astype(np.uint8)))
    return found
