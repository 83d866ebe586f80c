"""Which touchpoints of a journey count, and its money: what every method works on."""

from collections.abc import Sequence
from datetime import timedelta

import attribution as engine
from apps.attribution import lookback_sql
from apps.attribution.domain.lookbacks import LookbackVersion
from apps.attribution.goal_sql import Parameters

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
    inside = lookback_sql.counting(engine.Lookbacks(click_lookback, view_lookback), versions, bound)
    kept = {"ages": "touch_ages_ms", "kinds": "touch_kinds", "channels": "touch_channels", "keys": dimension}
    return [
        f"{inside} AS inside",
        *(f"arrayFilter((one, is_in) -> is_in, {column}, inside) AS pool_{name}" for name, column in kept.items()),
        "length(pool_ages) AS touches",
        "arrayEnumerate(pool_ages) AS places",
    ]


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
