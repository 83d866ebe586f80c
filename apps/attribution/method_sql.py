"""The engine's method specifications as ClickHouse array arithmetic over the arrays of `journeys`.

The engine stays the definition (`attribution/weights.py`, `money.py`); parity tests compare every method with it.
Everything here is a list of aliases of one SELECT, one row a journey. `pool` arrays hold the touchpoints inside the
lookbacks; credit and money come out as arrays parallel to them, or as the place of the single winner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import attribution as engine
from apps.attribution.goal_sql import Parameters

_MILLISECOND = timedelta(milliseconds=1)
# Money is whole ten-thousandths, as stored. It is split in the currency's smallest unit, or, where an amount is
# finer than that, in ten-thousandths.
STORED_UNITS = 10_000
_MOST_TOUCHES = 1 << 20


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


@dataclass(frozen=True, slots=True)
class Weights:
    """Where learned weights come from: `method_weights` by version, or the specification itself, bound."""

    bound: Parameters
    version: int | None

    def learned(self, weights: tuple[tuple[str, float], ...], rows: str) -> str:
        """Return the weight of `channel`: that of *weights*, which *rows* of a version hold too."""
        if not weights:
            return "toFloat64(0)"
        if self.version is None:
            names = self.bound.bind([key for key, _ in weights], "Array(String)")
            values = self.bound.bind([weight for _, weight in weights], "Array(Float64)")
        else:
            version = self.bound.bind(self.version, "UInt64")
            stored = f"""FROM (
                SELECT channel, weight FROM method_weights FINAL
                WHERE property_id = {{property_id:UInt64}} AND version = {version} AND {rows} ORDER BY channel
            )"""
            names, values = f"(SELECT groupArray(toString(channel)) {stored})", f"(SELECT groupArray(weight) {stored})"
        return f"transform(toString(channel), {names}, {values}, toFloat64(0))"


def pool_aliases(
    dimension: str,
    *,
    click_lookback: timedelta,
    view_lookback: timedelta,
    bound: Parameters,
    overrides: tuple[engine.LookbackOverride, ...] = (),
) -> list[str]:
    """Return the aliases of the touchpoints that count, with *dimension* (a column of `journeys`) as their key."""
    lookbacks = engine.Lookbacks(click_lookback, view_lookback, overrides)
    view, click = (_limit(lookbacks, kind, bound) for kind in (engine.TouchKind.VIEW, engine.TouchKind.CLICK))
    inside = f"arrayMap((age, kind) -> age <= if(kind = 'view', {view}, {click}), touch_ages_ms, touch_kinds)"
    if overrides:
        inside = (
            f"arrayMap((age, kind, source, campaign) -> age <= if(kind = 'view', {view}, {click}),"
            " touch_ages_ms, touch_kinds, touch_sources, touch_campaigns)"
        )
    kept = {"ages": "touch_ages_ms", "kinds": "touch_kinds", "channels": "touch_channels", "keys": dimension}
    return [
        f"{inside} AS inside",
        *(f"arrayFilter((one, is_in) -> is_in, {column}, inside) AS pool_{name}" for name, column in kept.items()),
        "length(pool_ages) AS touches",
        "arrayEnumerate(pool_ages) AS places",
    ]


def _limit(lookbacks: engine.Lookbacks, kind: engine.TouchKind, bound: Parameters) -> str:
    """Return the lookback of a kind in milliseconds: the first override that fits, else the common one."""
    limit = bound.bind(lookbacks.of(kind) // _MILLISECOND, "UInt64")
    for source, campaign, lookback in reversed(lookbacks.rules(kind)):
        named = [(word, name) for word, name in (("source", source), ("campaign", campaign)) if name]
        fits = " AND ".join(f"{word} = {bound.bind(name)}" for word, name in named)
        limit = f"if({fits}, {bound.bind(lookback // _MILLISECOND, 'UInt64')}, {limit})"
    return limit


def money_aliases(currency: str, bound: Parameters) -> list[str]:
    """Return the aliases of a journey's money: none when it is in another currency than *currency*."""
    coarse = STORED_UNITS // 10 ** engine.minor_digits(currency)
    same = f"currency IN ('', {bound.bind(currency)})"
    return [
        f"if({same}, reinterpretAsInt64(value), 0) AS stored",
        f"if(stored % {coarse} = 0, {coarse}, 1) AS unit",
        "intDiv(abs(stored), unit) AS units",
        "sign(stored) * unit AS signed_unit",
    ]


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


def method_columns(
    spec: engine.MethodSpec, name: str, bound: Parameters, *, version: int | None = None
) -> MethodColumns:
    """Return how a method is worked out; *name* keeps the aliases of several apart.

    With a *version*, learned weights are those of that version in `method_weights`, joined by the query.
    """
    weights = Weights(bound, version)
    weighting = spec.weighting
    if isinstance(weighting, engine.Shares) and _is_single(weighting) and spec.repeats == "keep":
        winner = _winner(spec, bound, from_end=weighting.last > 0)
        return MethodColumns((f"{winner} AS {name}_winner",), (), f"place = {name}_winner", _whole(name))
    aliases, pool = _preferred(spec, name, bound)
    aliases += _shares(weighting, name, pool, weights)
    aliases += _amounts(weighting, name)
    if _is_narrowed(spec):
        aliases += [f"{_scattered(name, part)} AS {name}_{part}_all" for part in ("shares", "parts")]
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


def _winner(spec: engine.MethodSpec, bound: Parameters, *, from_end: bool) -> str:
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


def _preferred(spec: engine.MethodSpec, name: str, bound: Parameters) -> tuple[list[str], dict[str, str]]:
    """Return the aliases of the touchpoints that a method weighs; where it drops none, the pool as it is."""
    if not _is_narrowed(spec):
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


def _is_narrowed(spec: engine.MethodSpec) -> bool:
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


def _scattered(name: str, part: str) -> str:
    """Return a preferred touchpoints' array spread over the whole pool, zero elsewhere."""
    return f"arrayMap((is_in, at) -> if(is_in, {name}_{part}[at], 0), {name}_mask, arrayCumSum({name}_mask))"


def _shares(weighting: object, name: str, pool: dict[str, str], weights_of: Weights) -> list[str]:
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
            aliases += _roles(weighting, name, pool, bound)
            weights = _by_role(name)
        case engine.Decay(half_life):
            span = bound.bind(half_life / _MILLISECOND, "Float64")
            youngest = f"{pool['ages']}[-1]"  # they are in touch order
            weights = f"arrayMap(age -> exp2(-((age - {youngest}) / {span})), {pool['ages']})"
        case engine.Custom():
            weights = _by_custom(weighting, name, pool, bound)
        case engine.Learned():
            weights = _by_fit(weighting, pool, weights_of)
        case engine.Intensity():
            return [*aliases, *_by_intensity(weighting, name, pool, weights_of)]
        case _:
            raise TypeError(f"{weighting!r} is not a weighting that SQL knows")
    return [
        *aliases,
        f"{weights} AS {name}_weights",
        f"arraySum({name}_weights) AS {name}_total",
        f"arrayMap(weight -> if({name}_total = 0, 1 / {name}_n, weight / {name}_total), {name}_weights)"
        f" AS {name}_shares",
    ]


def _roles(weighting: engine.Shares, name: str, pool: dict[str, str], bound: Parameters) -> list[str]:
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


def _by_role(name: str) -> str:
    roles = (
        f"if(place = 1, {name}_first, 0) + if(place = {name}_milestone, {name}_middle, 0)"
        f" + if(place = {name}_n, {name}_last, 0)"
    )
    is_rest = f"place > 1 AND place < {name}_n AND place != {name}_milestone"
    return f"arrayMap(place -> if({is_rest}, {name}_rest / {name}_others, {roles}), {name}_places)"


def _by_custom(weighting: engine.Custom, name: str, pool: dict[str, str], bound: Parameters) -> str:
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


def _by_fit(weighting: engine.Learned, pool: dict[str, str], weights_of: Weights) -> str:
    channels = pool["channels"]
    weight = weights_of.learned(weighting.by_channel, "part = 'weight'")
    sharers = f" / countEqual({channels}, channel)" if weighting.distinct else ""
    return f"arrayMap(channel -> {weight}{sharers}, {channels})"


def _by_intensity(weighting: engine.Intensity, name: str, pool: dict[str, str], weights_of: Weights) -> list[str]:
    """Return the aliases of shares that sum to less than 1: the rest is the baseline's."""
    bound = weights_of.bound
    ages = pool["ages"]
    since = f"{ages}[-1]" if weighting.from_youngest else "0"
    terms = []
    for half_life, delayed in sorted({(one.half_life, one.delayed) for one in weighting.effects}):
        alike = [one for one in weighting.effects if (one.half_life, one.delayed) == (half_life, delayed)]
        rows = f"part = 'effect' AND half_life_ms = {half_life // _MILLISECOND} AND is_delayed = {int(delayed)}"
        sizes = weights_of.learned(tuple((one.channel, one.size) for one in alike), rows)
        half_lives = f"((age - {since}) / {bound.bind(half_life / _MILLISECOND, 'Float64')})"
        terms.append(f"{sizes} * exp2(-{half_lives})" + (f" * {half_lives}" if delayed else ""))
    base = f"{bound.bind(weighting.baseline, 'Float64')} + {bound.bind(weighting.signal, 'Float64')} * {name}_n"
    weight = " + ".join(terms) or "toFloat64(0)"
    share = f"{bound.bind(weighting.lasting, 'Float64')} * weight / {name}_total"
    return [
        f"arrayMap((age, channel) -> {weight}, {ages}, {pool['channels']}) AS {name}_weights",
        f"{base} + arraySum({name}_weights) AS {name}_total",
        f"arrayMap(weight -> if({name}_total = 0, 0, {share}), {name}_weights) AS {name}_shares",
    ]


def _factor(word: str, factors: tuple[tuple[str, float], ...], bound: Parameters) -> str:
    if not factors:
        return "1"
    names = bound.bind([key for key, _ in factors], "Array(String)")
    values = bound.bind([factor for _, factor in factors], "Array(Float64)")
    return f"transform(toString({word}), {names}, {values}, toFloat64(1))"


def _amounts(weighting: object, name: str) -> list[str]:
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
