"""The engine's method specifications as ClickHouse array arithmetic over the arrays of `journeys`.

The engine stays the definition (`attribution/weights.py`, `money.py`); parity tests compare every method with it.
Everything here is a list of aliases of one SELECT, one row a journey. `pool` arrays hold the touchpoints inside the
lookbacks; credit and money come out as arrays parallel to them, or as the place of the single winner.
"""

import attribution as engine
from apps.attribution.goal_sql import Parameters
from apps.attribution.method_sql import dividing, learned, preferring
from apps.attribution.method_sql.columns import Chosen, MethodColumns, joined, nested
from apps.attribution.method_sql.pool import STORED_UNITS, money_aliases, pool_aliases

__all__ = [
    "STORED_UNITS",
    "Chosen",
    "MethodColumns",
    "joined",
    "method_columns",
    "money_aliases",
    "nested",
    "pool_aliases",
]


def method_columns(
    spec: engine.MethodSpec, name: str, bound: Parameters, *, version: int | None = None
) -> MethodColumns:
    """Return how a method is worked out; *name* keeps the aliases of several apart.

    With a *version*, learned weights are those of that version in `method_weights`, joined by the query.
    """
    weights = learned.Weights(bound, version)
    weighting = spec.weighting
    if isinstance(weighting, engine.Shares) and _is_single(weighting) and spec.repeats == "keep":
        winner = preferring.winner(spec, bound, from_end=weighting.last > 0)
        return MethodColumns((f"{winner} AS {name}_winner",), (), f"place = {name}_winner", _whole(name))
    aliases, pool = preferring.preferred(spec, name, bound)
    aliases += dividing.shares(weighting, name, pool, weights)
    aliases += dividing.amounts(weighting, name)
    if preferring.is_narrowed(spec):
        aliases += [f"{preferring.scattered(name, part)} AS {name}_{part}_all" for part in ("shares", "parts")]
        divided = (f"{name}_shares_all", f"{name}_parts_all")
    else:
        divided = (f"{name}_shares", f"{name}_parts")
    has_baseline = isinstance(weighting, engine.Intensity)
    if has_baseline:
        rests = (f"greatest(0, 1 - arraySum({divided[0]}))", f"toInt64(units) - arraySum({divided[1]})")
        aliases += [
            f"if(touches = 0, {array}, arrayPushBack({array}, {rest})) AS {array}_and_rest"
            for array, rest in zip(divided, rests, strict=True)
        ]
        divided = (f"{divided[0]}_and_rest", f"{divided[1]}_and_rest")
    arrays = tuple(zip(divided, (f"{name}_share", f"{name}_part"), strict=True))
    return MethodColumns(tuple(aliases), arrays, f"{name}_share", f"{name}_part * signed_unit", has_baseline)


def _is_single(weighting: engine.Shares) -> bool:
    weights = (weighting.first, weighting.rest, weighting.last, weighting.milestone)
    is_one = sum(weight > 0 for weight in weights) == 1 and weighting.first + weighting.last > 0
    return is_one and weighting.without_milestone is None


def _whole(name: str) -> str:
    return f"if(place = {name}_winner, stored, 0)"
