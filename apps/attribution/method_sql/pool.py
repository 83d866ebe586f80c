"""Which touchpoints of a journey count, and its money: what every method works on."""

from datetime import timedelta

import attribution as engine
from apps.attribution.goal_sql import Parameters

_MILLISECOND = timedelta(milliseconds=1)
# Money is whole ten-thousandths, as stored. It is split in the currency's smallest unit, or, where an amount is
# finer than that, in ten-thousandths.
STORED_UNITS = 10_000


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
