"""What a method adds to a query: aliases, arrays and the figures of one touchpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

import attribution as engine


@dataclass(frozen=True, slots=True)
class Chosen:
    """A method as it divides credit, and the version of its weights in `method_weights`, if it learned any."""

    spec: engine.MethodSpec
    version: int | None = None


@dataclass(frozen=True, slots=True)
class MethodColumns:
    """A method within the query: its aliases, and the credit and money of the touchpoint at `place`.

    With a baseline, the arrays of a journey that has touchpoints are one longer than its pool: the rest is at the end.
    """

    aliases: tuple[str, ...]
    arrays: tuple[tuple[str, str], ...]  # expression and name
    credit: str
    money: str
    has_baseline: bool = False

    @property
    def shares(self) -> str:
        """The credits of a journey's touchpoints that count, and of the baseline, as one array."""
        share = self.arrays[0][0] if self.arrays else f"arrayMap(place -> {self.credit}, places)"
        return f"arrayMap(share -> toFloat64(share), {share})"


def nested(rows: str, methods: Sequence[MethodColumns]) -> str:
    """Return the query *rows* with the aliases of methods added, each level of them as a query of its own.

    In one SELECT every alias would be expanded wherever it is used, again and again: planning would take longer
    than the query.
    """
    depth = max((len(one.aliases) for one in methods), default=0)
    for level in range(depth):
        added = ", ".join(one.aliases[level] for one in methods if level < len(one.aliases))
        rows = f"SELECT *, {added} FROM ({rows})"
    return rows


def joined(methods: Sequence[MethodColumns]) -> str:
    """Return the arrays of touchpoints that a query joins: places, keys and those of *methods*.

    Where one of them knows a baseline, it is one more place at the end, which the others give nothing.
    """
    arrays = [("places", "place"), ("pool_keys", "key"), *(array for one in methods for array in one.arrays)]
    if not any(one.has_baseline for one in methods):
        return ", ".join(f"{array} AS {name}" for array, name in arrays)
    extras = {"place": "toUInt32(touches + 1)", "key": f"'{engine.BASELINE}'"}
    count = "touches + (touches > 0)"
    return ", ".join(f"arrayResize({array}, {count}, {extras.get(name, '0')}) AS {name}" for array, name in arrays)
