"""Which touchpoints are inside their lookbacks, as ClickHouse arrays: one definition for reading and for training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import attribution as engine
from apps.attribution.domain.lookbacks import KEYS, LookbackVersion
from apps.attribution.goal_sql import Parameters

Overrides = tuple[engine.LookbackOverride, ...]
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Touches:
    """Expressions of a row's touchpoints as parallel arrays, and of the instant by whose version they are judged."""

    ages: str
    kinds: str
    sources: str
    campaigns: str
    ad_groups: str
    judged_at: str


# A refund is judged as its sale was.
OF_JOURNEYS: Final = Touches(
    "touch_ages_ms", "touch_kinds", "touch_sources", "touch_campaigns", "touch_ad_groups", "credited_at"
)


def counting(
    common: engine.Lookbacks, versions: Sequence[LookbackVersion], bound: Parameters, touches: Touches = OF_JOURNEYS
) -> str:
    """Return the array that tells of each touchpoint whether it counts.

    *versions* are those of the lookback overrides, newest first; a row follows the one of its instant.
    """
    view, click = (_limit(common, versions, kind, touches, bound) for kind in ("view", "click"))
    counts = f"age <= if(kind = 'view', {view}, {click})"
    if not any(version.overrides for version in versions):
        return f"arrayMap((age, kind) -> {counts}, {touches.ages}, {touches.kinds})"
    return f"arrayMap((age, kind, source, campaign, ad_group) -> {counts}, {touches.ages}, {_named(touches)})"


def limits(common: engine.Lookbacks, of: Sequence[Overrides], bound: Parameters, touches: Touches) -> str:
    """Return the array of how long each touchpoint counts, in milliseconds, under each of some sets of overrides."""
    each = []
    for overrides in of:
        lookbacks = replace(common, overrides=overrides)
        view, click = (_overridden(lookbacks, kind, bound) for kind in ("view", "click"))
        each.append(f"if(kind = 'view', {view}, {click})")
    return f"arrayMap((kind, source, campaign, ad_group) -> [{', '.join(each)}], {_named(touches)})"


def _named(touches: Touches) -> str:
    """Return the arrays that overrides name; those built before there were any ad groups hold none."""
    ad_groups = f"arrayResize({touches.ad_groups}, length({touches.kinds}))"
    return f"{touches.kinds}, {touches.sources}, {touches.campaigns}, {ad_groups}"


def _limit(
    common: engine.Lookbacks, versions: Sequence[LookbackVersion], kind: str, touches: Touches, bound: Parameters
) -> str:
    """Return the lookback of a kind in milliseconds, by the version of the row's instant."""
    branches: list[str] = []
    otherwise = bound.bind(common.of(kind) // _MILLISECOND, "UInt64")
    for version in versions:
        limit = _overridden(replace(common, overrides=version.overrides), kind, bound)
        if version.applies_from is None:
            otherwise = limit
            break
        since = bound.bind(version.applies_from, "DateTime64(3, 'UTC')")
        branches.append(f"{touches.judged_at} >= {since}, {limit}")
    return f"multiIf({', '.join(branches)}, {otherwise})" if branches else otherwise


def _overridden(lookbacks: engine.Lookbacks, kind: str, bound: Parameters) -> str:
    """Return the lookback of the first override that fits, else the common one."""
    limit = bound.bind(lookbacks.of(kind) // _MILLISECOND, "UInt64")
    for key, lookback in reversed(lookbacks.rules(kind)):
        named = [(word, name) for word, name in zip(KEYS, key, strict=True) if name]
        fits = " AND ".join(f"{word} = {bound.bind(name)}" for word, name in named)
        limit = f"if({fits}, {bound.bind(lookback // _MILLISECOND, 'UInt64')}, {limit})"
    return limit
