"""Users that aliases make one person, but for those who must stay apart."""

from collections import defaultdict
from collections.abc import Collection
from typing import Generic, TypeVar

Key = TypeVar("Key", int, str)


class Components(Generic[Key]):
    """
    Sets of ids that grow together, each named by its smallest id.

    Parameters
    ----------
    apart : collection of pairs
        Two ids that are never in one set.
    """

    def __init__(self, apart: Collection[tuple[Key, Key]] = ()) -> None:
        self._parents: dict[Key, Key] = {}
        self._foes: dict[Key, set[Key]] = defaultdict(set)
        for one, other in apart:
            self._foes[one].add(other)
            self._foes[other].add(one)

    def join(self, one: Key, other: Key) -> bool:
        """Make one set of those of two ids; False when somebody in one must stay apart from somebody in the other."""
        left, right = self._root(one), self._root(other)
        if left == right:
            return True
        if any(self._root(foe) == right for foe in self._foes.get(left, ()) if foe in self._parents):
            return False
        low, high = min(left, right), max(left, right)
        self._parents[high] = low
        if foes := self._foes.pop(high, None):
            self._foes[low] |= foes
        return True

    def roots(self) -> dict[Key, Key]:
        """Return the smallest id of the set of every id that was named."""
        return {key: self._root(key) for key in sorted(self._parents)}

    def _root(self, key: Key) -> Key:
        parents = self._parents
        parents.setdefault(key, key)
        while parents[key] != key:
            parents[key] = parents[parents[key]]  # halve the path
            key = parents[key]
        return key
