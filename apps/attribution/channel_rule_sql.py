"""A property's channel rules as ClickHouse expressions: the engine's `ruled_channel`, every word bound."""

from collections.abc import Sequence

import attribution as engine
from apps.attribution.goal_sql import Parameters

_CONDITIONS = {
    "is": "{text} = {value}",
    "is_not": "{text} != {value}",
    "contains": "position({text}, {value}) > 0",
    "starts_with": "startsWith({text}, {value})",
    "ends_with": "endsWith({text}, {value})",
}


def channel_in_force(versions: Sequence[engine.ChannelRules], bound: Parameters) -> str:
    """Return the channel of a touchpoint by the columns channel, source, medium, campaign and occurred_at.

    *versions* come newest first; each is for touchpoints from its instant on.
    """
    branches: list[str] = []
    otherwise = "channel"
    for version in versions:
        ruled = ruled_channel(version, bound)
        if version.applies_from is None:
            otherwise = ruled
            break
        since = bound.bind(version.applies_from, "DateTime64(3, 'UTC')")
        branches.append(f"occurred_at >= {since}, {ruled}")
    return f"multiIf({', '.join(branches)}, {otherwise})" if branches else otherwise


def ruled_channels(rules: engine.ChannelRules, bound: Parameters) -> str:
    """Return the channels of a journey's touchpoints, as other rules than those it was built by would have them."""
    arrays = "touch_groups, touch_sources, touch_mediums, touch_campaigns"
    return f"arrayMap((channel, source, medium, campaign) -> {ruled_channel(rules, bound)}, {arrays})"


def ruled_channel(rules: engine.ChannelRules, bound: Parameters) -> str:
    """Return the channel of one touchpoint; direct stays what it is."""
    if not rules.rules:
        return "toString(channel)"
    branches = [
        f"{' AND '.join(_condition(one, bound) for one in rule.conditions)}, {bound.bind(rule.channel)}"
        for rule in rules.rules
    ]
    direct = bound.bind(engine.Channel.DIRECT.value)
    return f"multiIf(channel = {direct}, toString(channel), {', '.join(branches)}, toString(channel))"


def _condition(one: engine.ChannelCondition, bound: Parameters) -> str:
    text = f"lowerUTF8({one.field})"
    return _CONDITIONS[one.operator].format(text=text, value=bound.bind(one.value.lower()))
