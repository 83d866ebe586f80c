"""Weights that a rule states beforehand: by role in the journey, by position, channel and kind."""

import attribution as engine
from apps.attribution.goal_sql import Parameters


def roles(weighting: engine.Shares, name: str, pool: dict[str, str], bound: Parameters) -> list[str]:
    """Return the aliases of who is first, last and at the milestone, and what each role is worth."""
    milestone = "0"
    if weighting.milestone > 0:
        ages = pool["ages"]
        milestone = (
            f"if(isNull(milestone_age_ms), 0, arrayLastIndex(age -> age >= ifNull(milestone_age_ms, 0), {ages}))"
        )
    first, rest, last = (bound.bind(weight, "Float64") for weight in (weighting.first, weighting.rest, weighting.last))
    if weighting.without_milestone is not None:
        others = [bound.bind(weight, "Float64") for weight in weighting.without_milestone]
        first, rest, last = (
            f"if({name}_milestone = 0, {without}, {own})"
            for own, without in zip((first, rest, last), others, strict=True)
        )
    return [
        f"{milestone} AS {name}_milestone",
        f"{first} AS {name}_first",
        f"{rest} AS {name}_rest",
        f"{last} AS {name}_last",
        f"{bound.bind(weighting.milestone, 'Float64')} AS {name}_middle",
        f"{name}_n - ({name}_n > 0) - ({name}_n > 1)"
        f" - ({name}_milestone > 1 AND {name}_milestone < {name}_n) AS {name}_others",
    ]


def by_role(name: str) -> str:
    roles = (
        f"if(place = 1, {name}_first, 0) + if(place = {name}_milestone, {name}_middle, 0)"
        f" + if(place = {name}_n, {name}_last, 0)"
    )
    is_rest = f"place > 1 AND place < {name}_n AND place != {name}_milestone"
    return f"arrayMap(place -> if({is_rest}, {name}_rest / {name}_others, {roles}), {name}_places)"


def by_custom(weighting: engine.Custom, name: str, pool: dict[str, str], bound: Parameters) -> str:
    starts, ends = len(weighting.from_start), len(weighting.from_end)
    start = bound.bind([*weighting.from_start, 0.0], "Array(Float64)")
    end = bound.bind([*weighting.from_end, 0.0], "Array(Float64)")
    otherwise = bound.bind(weighting.otherwise, "Float64")
    from_end = f"({name}_n - place + 1)"
    weight = (
        f"if(place > {starts} AND {from_end} > {ends}, {otherwise}, "
        f"if(place <= {starts}, {start}[place], 0) + if({from_end} <= {ends}, {end}[{from_end}], 0))"
    )
    factors = [
        _factor(factor, row, bound) for factor, row in (("channel", weighting.by_channel), ("kind", weighting.by_kind))
    ]
    product = " * ".join([f"({weight})", f"({' * '.join(factors)})"])
    return f"arrayMap((place, channel, kind) -> {product}, {name}_places, {pool['channels']}, {pool['kinds']})"


def _factor(word: str, factors: tuple[tuple[str, float], ...], bound: Parameters) -> str:
    if not factors:
        return "1"
    names = bound.bind([key for key, _ in factors], "Array(String)")
    values = bound.bind([factor for _, factor in factors], "Array(Float64)")
    return f"transform(toString({word}), {names}, {values}, toFloat64(1))"
