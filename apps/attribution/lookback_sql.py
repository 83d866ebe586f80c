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
    """Arrays of a row's touchpoints, and the instant by whose version they are judged.

    `age` is the age of a touchpoint in milliseconds, over its element `time` of the array `times`.
    """

    times: str
    age: str
    kinds: str
    sources: str
    campaigns: str
    ad_groups: str
    judged_at: str


# A refund is judged as its sale was. Journeys that were built before there were ad groups hold none.
OF_JOURNEYS: Final = Touches(
    "touch_ages_ms", "time", "touch_kinds", "touch_sources", "touch_campaigns",
    "arrayResize(touch_ad_groups, length(touch_ages_ms))", "credited_at",
)  # fmt: skip


def counting(
    common: engine.Lookbacks, versions: Sequence[LookbackVersion], bound: Parameters, touches: Touches = OF_JOURNEYS
) -> str:
    """Return the array that tells of each touchpoint whether it counts.

    *versions* are those of the lookback overrides, newest first; a row follows the one of its instant.
    """
    names, condition, arrays = _judged(common, versions, bound, touches)
    return f"arrayMap(({names}) -> {condition}, {arrays})"


def kept(
    column: str, common: engine.Lookbacks, versions: Sequence[LookbackVersion], bound: Parameters, touches: Touches
) -> str:
    """Return the elements of *column* whose touchpoints count, in one pass."""
    names, condition, arrays = _judged(common, versions, bound, touches)
    return f"arrayFilter((one, {names}) -> {condition}, {column}, {arrays})"


def limits(common: engine.Lookbacks, of: Sequence[Overrides], bound: Parameters, touches: Touches) -> str:
    """Return the array of how long each touchpoint counts, in milliseconds, under each of some sets of overrides."""
    each = []
    for overrides in of:
        lookbacks = replace(common, overrides=overrides)
        view, click = (_overridden(lookbacks, kind, bound) for kind in ("view", "click"))
        each.append(f"if(kind = 'view', {view}, {click})")
    names, arrays = _named(touches) if any(of) else ("kind", touches.kinds)
    return f"arrayMap(({names}) -> [{', '.join(each)}], {arrays})"


def _judged(
    common: engine.Lookbacks, versions: Sequence[LookbackVersion], bound: Parameters, touches: Touches
) -> tuple[str, str, str]:
    """Return the names of what a touchpoint is judged by, the condition that it counts, and the arrays of both."""
    view, click = (_limit(common, versions, kind, touches, bound) for kind in ("view", "click"))
    is_named = any(version.overrides for version in versions)
    names, arrays = _named(touches) if is_named else ("kind", touches.kinds)
    return f"time, {names}", f"{touches.age} <= if(kind = 'view', {view}, {click})", f"{touches.times}, {arrays}"


def _named(touches: Touches) -> tuple[str, str]:
    """Return the names of what overrides judge by, and its arrays."""
    arrays = (touches.kinds, touches.sources, touches.campaigns, touches.ad_groups)
    return "kind, source, campaign, ad_group", ", ".join(arrays)


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
