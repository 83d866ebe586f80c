"""The statements that reduce journeys and histories to what the engine learns from: templates of `sql/`, filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import attribution as engine
from apps.attribution import goal_sql, journey_sql, lookback_sql
from apps.attribution.domain.lookbacks import LookbackVersion, versions_in
from apps.attribution.domain.reading import ReadingRules, WhoIsWho
from apps.attribution.journey_sql import Statement

# Which touchpoint of a path stands for the repeats of its channel.
_STANDING = {
    "collapse": "arrayFilter((channel, nth) -> nth = 1 OR channel != whole[nth - 1], whole, arrayEnumerate(whole))",
    "first_of_each": "arrayFilter((channel, nth) -> nth = 1, whole, arrayEnumerateUniq(whole))",
    "distinct": "arrayReverse(arrayFilter((channel, nth) -> nth = 1, arrayReverse(whole),"
    " arrayEnumerateUniq(arrayReverse(whole))))",
}
# Touchpoints of people who did not convert, counted back from their last one in the window: what is later has an age
# that is greater than any lookback.
_OF_HISTORIES = lookback_sql.Touches(
    "touched_ms", "toUInt64(last_ms - time)", "touch_kinds", "touch_sources", "touch_campaigns", "touch_ad_groups",
    "fromUnixTimestamp64Milli(last_ms, 'UTC')",
)  # fmt: skip
_GOAL = """property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64} AND goal_version = {goal_version:UInt32}
    AND is_counted AND NOT is_refund"""


@dataclass(frozen=True, slots=True)
class Material:
    """What a method is trained on: a goal as it was built, a window, lookbacks, and a drawing of histories.

    `versions` are those of the lookback overrides, newest first: a path follows the one of its conversion, or of its
    last touchpoint.
    """

    goal_id: int
    goal_version: int
    is_once: bool
    window_from: datetime
    window_to: datetime
    lookbacks: engine.Lookbacks
    drawing: int
    versions: tuple[LookbackVersion, ...] = ()
    repeats: engine.Repeats = "keep"
    drops_direct: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return the values that every statement is bound with."""
        return {
            "goal_id": self.goal_id,
            "goal_version": self.goal_version,
            "is_once": int(self.is_once),
            "window_from": self.window_from,
            "window_to": self.window_to,
            "from_ms": engine.milliseconds(self.window_from),
            "to_ms": engine.milliseconds(self.window_to),
            "drawing": self.drawing,
        }

    def overrides(self) -> list[tuple[datetime, tuple[engine.LookbackOverride, ...]]]:
        """Return the overrides that hold at some time of the window, and since when, in order of time."""
        return versions_in(self.versions, self.window_from, self.window_to)


def histories(who: WhoIsWho, reading: ReadingRules, *, slice_number: int, slices: int) -> Statement:
    """Return the statement that draws the histories of one slice of all persons."""
    bound = goal_sql.Parameters()
    reach = journey_sql.reach_of_everybody(who, reading, slice_number=slice_number, slices=slices)
    since = "occurred_at >= {drawn_from:DateTime64(3, 'UTC')}"
    sql = journey_sql.with_touches("histories", reach, reading, bound, time_scope=since)
    return Statement(sql, {**bound.values, **reach.parameters, **journey_sql.visit_parameters(reading)})


def channel_names(material: Material) -> Statement:
    """Return the question which channels there are, by name: also some that no path passes, for it reads no paths."""
    sql = """
        SELECT arraySort(groupUniqArrayArray(channels)) FROM (
            SELECT touch_channels AS channels FROM journeys
            WHERE property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64}
            UNION ALL
            SELECT touch_channels FROM histories
            WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64}
        )
    """
    return Statement(sql, {"drawing": material.drawing, "goal_id": material.goal_id})


def path_count(material: Material) -> Statement:
    """Return the question how many paths converted, and how many there are."""
    paths, bound = _paths(material)
    return Statement(f"SELECT countIf(is_converted), count() FROM ({paths})", {**material.parameters(), **bound})


def transitions(material: Material, names: Sequence[str], *, order: int, groups: int) -> Statement:
    """Return the question how often each k-gram of channels was followed by what."""
    base = len(names) + 1
    gram = " + ".join(f"lag{back} * {base ** (order - 1 - back)}" for back in range(order))
    lags = ", ".join(f"lag{back}" for back in range(order))
    shifted = ", ".join(f"arraySlice(padded, {back + 1}, length(followers))" for back in range(order))
    paths, bound = _paths(material)
    parameters = {**material.parameters(), **bound, "names": names, "order": order, "groups": groups}
    parameters |= {"next_base": base + 1, "codes": list(range(1, base))}
    sql = journey_sql.fill("transitions", gram=gram, lags=lags, shifted=shifted, paths=paths)
    return Statement(sql, parameters)


def coalitions(material: Material, names: Sequence[str], *, groups: int) -> Statement:
    """Return the question how many people met which set of channels, and how many of them converted."""
    paths, bound = _paths(material)
    parameters = {**material.parameters(), **bound, "names": names, "groups": groups}
    return Statement(journey_sql.fill("coalitions", paths=paths), parameters)


def coalition_masks(material: Material, names: Sequence[str], *, groups: int) -> Statement:
    """Return the same question where a set is a number: one bit for each channel, by its place in *names*."""
    bits = [1 << place for place in range(len(names))]
    paths, bound = _paths(material)
    parameters = {**material.parameters(), **bound, "names": names, "groups": groups}
    parameters |= {"bits": bits, "unknown": 1 << len(names)}
    return Statement(journey_sql.fill("coalition_masks", paths=paths), parameters)


def watched(material: Material, names: Sequence[str], *, groups: int, kept: int) -> Statement:
    """Return the question what *kept* of 10,000 parts of the people touched, and when they converted."""
    bound = goal_sql.Parameters("w")
    limits = lookback_sql.limits(material.lookbacks, [one for _, one in material.overrides()], bound, _OF_HISTORIES)
    parameters = {**material.parameters(), **bound.values, "names": names, "groups": groups, "kept": kept}
    return Statement(journey_sql.fill("watched", goal=_GOAL, limits=limits), parameters)


def watched_names(material: Material, *, kept: int) -> Statement:
    """Return the question which channels the sampled people met in the window."""
    sql = """
        SELECT arraySort(groupUniqArrayArray(
            arrayFilter((channel, at) -> at >= {from_ms:Int64} AND at < {to_ms:Int64}, touch_channels, touched_ms)
        ))
        FROM histories
        WHERE property_id = {property_id:UInt64} AND version = {drawing:UInt64}
            AND cityHash64(toString(person_id)) % 10000 < {kept:UInt64}
    """
    return Statement(sql, {**material.parameters(), "kept": kept})


def _paths(material: Material) -> tuple[str, dict[str, Any]]:
    """Return the question for the paths, transformed (the engine's `PathArrays.transformed`), and its values."""
    bound = goal_sql.Parameters("w")
    converted, others = (
        lookback_sql.kept("touch_channels", material.lookbacks, material.versions, bound, touches)
        for touches in (lookback_sql.OF_JOURNEYS, _OF_HISTORIES)
    )
    paths = journey_sql.fill("paths", goal=_GOAL, converted=converted, others=others)
    if material.drops_direct:
        direct = f"'{engine.Channel.DIRECT.value}'"
        is_all_direct = f"countEqual(path, {direct}) = length(path)"
        paths = _changed(paths, "path", f"arrayFilter(channel -> channel != {direct} OR {is_all_direct}, path)")
    paths = paths if material.repeats == "keep" else _changed(paths, "whole", _STANDING[material.repeats])
    return paths, bound.values


def _changed(paths: str, name: str, changed: str) -> str:
    """Return a question for paths that are *changed*: an expression over *name*, which no other level has."""
    renamed = f"SELECT who, channels AS {name}, is_converted FROM ({paths})"
    return f"SELECT who, {changed} AS channels, is_converted FROM ({renamed})"
