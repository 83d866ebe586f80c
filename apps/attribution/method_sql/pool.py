"""Which touchpoints of a journey count, and its money: what every method works on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import attribution as engine
from apps.attribution.domain.lookbacks import KEYS, LookbackVersion
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
    versions: Sequence[LookbackVersion] = (),
) -> list[str]:
    """Return the aliases of the touchpoints that count, with *dimension* (a column of `journeys`) as their key.

    *versions* are those of the lookback overrides, newest first; a conversion follows the one of its time.
    """
    common = engine.Lookbacks(click_lookback, view_lookback)
    view, click = (_limit(common, versions, kind, bound) for kind in (engine.TouchKind.VIEW, engine.TouchKind.CLICK))
    inside = f"arrayMap((age, kind) -> age <= if(kind = 'view', {view}, {click}), touch_ages_ms, touch_kinds)"
    if any(version.overrides for version in versions):
        inside = (
            f"arrayMap((age, kind, source, campaign, ad_group) -> age <= if(kind = 'view', {view}, {click}),"
            " touch_ages_ms, touch_kinds, touch_sources, touch_campaigns,"
            " arrayResize(touch_ad_groups, length(touch_ages_ms)))"  # those built before there were any hold none
        )
    kept = {"ages": "touch_ages_ms", "kinds": "touch_kinds", "channels": "touch_channels", "keys": dimension}
    return [
        f"{inside} AS inside",
        *(f"arrayFilter((one, is_in) -> is_in, {column}, inside) AS pool_{name}" for name, column in kept.items()),
        "length(pool_ages) AS touches",
        "arrayEnumerate(pool_ages) AS places",
    ]


def _limit(
    common: engine.Lookbacks, versions: Sequence[LookbackVersion], kind: engine.TouchKind, bound: Parameters
) -> str:
    """Return the lookback of a kind in milliseconds, by the version of the conversion's time."""
    branches: list[str] = []
    otherwise = bound.bind(common.of(kind) // _MILLISECOND, "UInt64")
    for version in versions:
        limit = _overridden(replace(common, overrides=version.overrides), kind, bound)
        if version.applies_from is None:
            otherwise = limit
            break
        since = bound.bind(version.applies_from, "DateTime64(3, 'UTC')")
        # A refund is judged as its sale was.
        branches.append(f"credited_at >= {since}, {limit}")
    return f"multiIf({', '.join(branches)}, {otherwise})" if branches else otherwise


def _overridden(lookbacks: engine.Lookbacks, kind: engine.TouchKind, bound: Parameters) -> str:
    """Return the lookback of the first override that fits, else the common one."""
    limit = bound.bind(lookbacks.of(kind) // _MILLISECOND, "UInt64")
    for key, lookback in reversed(lookbacks.rules(kind)):
        named = [(word, name) for word, name in zip(KEYS, key, strict=True) if name]
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
