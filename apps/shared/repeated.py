"""A column of few distinct values: each once, and for every row the place of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class Repeated(Sequence[Any]):
    """A sequence of as many values as *places* has; the value of a row is the one at its place in *values*."""

    def __init__(self, values: Sequence[Any], places: NDArray[np.intp]) -> None:
        self.values, self.places = values, places

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.places)

    def __iter__(self) -> Iterator[Any]:
        """Yield the value of every row."""
        return map(self.values.__getitem__, self.places.tolist())

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> "Repeated": ...
    def __getitem__(self, at: int | slice) -> Any:
        """Return the value of a row, or the part of rows."""
        if isinstance(at, slice):
            return Repeated(self.values, self.places[at])
        return self.values[self.places[at]]
