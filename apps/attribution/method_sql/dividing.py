"""Shares of the touchpoints that a method weighs, and the split of the money after them."""

from datetime import timedelta

import attribution as engine
from apps.attribution.method_sql import learned, ruled

_MILLISECOND = timedelta(milliseconds=1)
_MOST_TOUCHES = 1 << 20


def shares(weighting: object, name: str, pool: dict[str, str], weights_of: learned.Weights) -> list[str]:
    bound = weights_of.bound
    places = f"arrayEnumerate({pool['ages']})"
    aliases = [f"{pool['count']} AS {name}_n", f"{places} AS {name}_places"]
    match weighting:
        case engine.Equal(distinct=False):
            return [*aliases, f"arrayMap(one -> 1 / {name}_n, {name}_places) AS {name}_shares"]
        case engine.Equal():
            channels = pool["channels"]
            weights = f"arrayMap(channel -> 1 / countEqual({channels}, channel), {channels})"
        case engine.Shares():
            aliases += ruled.roles(weighting, name, pool, bound)
            weights = ruled.by_role(name)
        case engine.Decay(half_life):
            span = bound.bind(half_life / _MILLISECOND, "Float64")
            youngest = f"{pool['ages']}[-1]"  # they are in touch order
            weights = f"arrayMap(age -> exp2(-((age - {youngest}) / {span})), {pool['ages']})"
        case engine.Custom():
            weights = ruled.by_custom(weighting, name, pool, bound)
        case engine.Learned():
            weights = learned.by_fit(weighting, pool, weights_of)
        case engine.Intensity():
            return [*aliases, *learned.by_intensity(weighting, name, pool, weights_of)]
        case _:
            raise TypeError(f"{weighting!r} is not a weighting that SQL knows")
    return [
        *aliases,
        f"{weights} AS {name}_weights",
        f"arraySum({name}_weights) AS {name}_total",
        f"arrayMap(weight -> if({name}_total = 0, 1 / {name}_n, weight / {name}_total), {name}_weights)"
        f" AS {name}_shares",
    ]


def amounts(weighting: object, name: str) -> list[str]:
    """Return the aliases of the largest-remainder split of `units`, in touch order."""
    if isinstance(weighting, engine.Equal) and not weighting.distinct:
        each = f"intDiv(units, greatest({name}_n, 1))"
        parts = f"arrayMap(place -> {each} + (place <= units % greatest({name}_n, 1)), {name}_places)"
        return [f"{parts} AS {name}_parts"]
    # Remainders are ranked after rounding to six decimals; the place makes each rank unlike any other, so that one
    # comparison with the last rank that still gets a unit tells who gets one.
    rank = f"toInt64(round((units * share - floor(units * share)) * 1e6)) * {_MOST_TOUCHES} - toInt64(place)"
    divided, places, count = f"{name}_shares", f"{name}_places", f"{name}_n"
    if isinstance(weighting, engine.Intensity):  # the baseline comes after the touchpoints
        divided = f"arrayPushBack({name}_shares, greatest(0, 1 - arraySum({name}_shares)))"
        places, count = f"arrayPushBack({name}_places, {name}_n + 1)", f"({name}_n + 1)"
    return [
        f"arrayMap(share -> toInt64(floor(units * share)), {divided}) AS {name}_floors",
        f"arrayMap((share, place) -> {rank}, {divided}, {places}) AS {name}_ranks",
        f"toInt64(units) - arraySum({name}_floors) AS {name}_left",
        f"toInt64(floor({name}_left / greatest({count}, 1))) AS {name}_each",
        f"toInt64({name}_left - {name}_each * toInt64({count})) AS {name}_some",
        f"if({name}_some > 0, arrayReverseSort({name}_ranks)[{name}_some], 9223372036854775807) AS {name}_bar",
        f"arrayResize(arrayMap((whole, rank) -> whole + {name}_each + (rank >= {name}_bar), {name}_floors,"
        f" {name}_ranks), {name}_n) AS {name}_parts",
    ]
