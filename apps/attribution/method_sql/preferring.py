"""Which touchpoints others yield to, and which stand for their repeats."""

import attribution as engine
from apps.attribution.goal_sql import Parameters


def winner(spec: engine.MethodSpec, bound: Parameters, *, from_end: bool) -> str:
    """Return the place of the last (or first) touchpoint of the first preference that any meets."""
    search = "arrayLastIndex" if from_end else "arrayFirstIndex"
    winner = "touches" if from_end else "1"
    for preference in reversed(spec.prefers):
        found = f"{search}((channel, kind) -> {_accepts(preference, bound)}, pool_channels, pool_kinds)"
        winner = f"if({found} > 0, {found}, {winner})"
    return winner


def _accepts(preference: engine.Preference, bound: Parameters) -> str:
    parts = []
    if preference.channels:
        parts.append(f"channel IN {bound.bind(list(preference.channels), 'Array(String)')}")
    elif len(preference.not_channels) == 1:
        parts.append(f"channel != {bound.bind(preference.not_channels[0])}")
    elif preference.not_channels:
        parts.append(f"channel NOT IN {bound.bind(list(preference.not_channels), 'Array(String)')}")
    if set(preference.kinds) != set(engine.TouchKind):
        parts.append(f"kind IN {bound.bind(list(preference.kinds), 'Array(String)')}")
    return " AND ".join(parts) or "true"


def preferred(spec: engine.MethodSpec, name: str, bound: Parameters) -> tuple[list[str], dict[str, str]]:
    """Return the aliases of the touchpoints that a method weighs; where it drops none, the pool as it is."""
    if not is_narrowed(spec):
        return [], {"ages": "pool_ages", "kinds": "pool_kinds", "channels": "pool_channels", "count": "touches"}
    mask = "arrayMap(one -> toUInt8(1), pool_ages)"
    for preference in reversed(spec.prefers):
        accepted = f"arrayMap((channel, kind) -> toUInt8({_accepts(preference, bound)}), pool_channels, pool_kinds)"
        mask = f"if(has({accepted}, 1), {accepted}, {mask})"
    pool = {part: f"{name}_{part}" for part in ("ages", "kinds", "channels", "count")}
    kept = [
        f"arrayFilter((one, is_in) -> is_in, pool_{part}, {name}_mask) AS {name}_{part}"
        for part in ("ages", "kinds", "channels")
    ]
    narrowed = [f"{mask} AS {name}_preferred", *_standing(spec, name)]
    return [*narrowed, *kept, f"length({name}_ages) AS {name}_count"], pool


def is_narrowed(spec: engine.MethodSpec) -> bool:
    return bool(spec.prefers) or spec.repeats != "keep"


def _standing(spec: engine.MethodSpec, name: str) -> list[str]:
    """Return the aliases of the mask of touchpoints that stand for their repeats, among the preferred."""
    if spec.repeats == "keep":
        return [f"{name}_preferred AS {name}_mask"]
    channels = f"{name}_named"
    stands = {
        "collapse": f"arrayMap((channel, nth) -> nth = 1 OR channel != {channels}[nth - 1],"
        f" {channels}, arrayEnumerate({channels}))",
        "first_of_each": f"arrayMap(nth -> nth = 1, arrayEnumerateUniq({channels}))",
        "distinct": f"arrayReverse(arrayMap(nth -> nth = 1, arrayEnumerateUniq(arrayReverse({channels}))))",
    }[spec.repeats]
    return [
        f"arrayFilter((one, is_in) -> is_in, pool_channels, {name}_preferred) AS {channels}",
        f"{stands} AS {name}_stands",
        f"arrayMap((is_in, at) -> toUInt8(is_in AND {name}_stands[at]), {name}_preferred,"
        f" arrayCumSum({name}_preferred)) AS {name}_mask",
    ]


def scattered(name: str, part: str) -> str:
    """Return a preferred touchpoints' array spread over the whole pool, zero elsewhere."""
    return f"arrayMap((is_in, at) -> if(is_in, {name}_{part}[at], 0), {name}_mask, arrayCumSum({name}_mask))"
