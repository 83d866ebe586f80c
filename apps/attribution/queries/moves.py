"""From whom to whom credit moves under other rules: both sides of every journey in one reading."""

from dataclasses import replace

import attribution as engine
from apps.attribution import channel_rule_sql, method_sql
from apps.attribution.domain.results import CreditMove
from apps.attribution.domain.scenarios import Scenario
from apps.attribution.queries.asking import Asked, Query, Rows
from apps.attribution.queries.scope import Period, Scope, columns_of, money, scope_of, touch_column
from apps.attribution.queries.versioned_rules import versions_in_use

# What a journey must carry on to be credited a second time.
CARRIED = """is_refund, credited_at, currency, value, milestone_age_ms, touch_ages_ms, touch_kinds, touch_channels,
    touch_groups, touch_sources, touch_mediums, touch_campaigns, touch_ad_groups"""
_NOISE = "1e-9"


class GoalsDiffer(ValueError):
    """Conversions of two goals are not the same ones, so nothing moves between them."""


@Query
def credit_moves(
    property_id: int, *, before: Scenario, after: Scenario, period: Period, dimension: str = "channel", limit: int = 200
) -> Asked[list[CreditMove]]:
    """Return what moves from each key to each other, most first: the engine's `moved_shares` over all conversions.

    Refunds move money and no conversions. Money in other currencies than the property's is left out. None
    stands for what is unattributed. Raises GoalsDiffer.
    """
    if before.goal_id != after.goal_id or before.has_own_conversions != after.has_own_conversions:
        raise GoalsDiffer(f"{before.goal_id} and {after.goal_id}")
    scope = scope_of(property_id, goal_id=before.goal_id, period=period, supposed=before.supposed)
    if scope.limits.sources:  # a move names both who gives and who takes, and one of them is somebody else
        scope.where += " AND false"
    if before.trial_id == after.trial_id:
        rows = f"SELECT {CARRIED} FROM {scope.journeys} WHERE {scope.where} AND is_counted"
        rows = credited(scope, before, dimension, f"SELECT * FROM ({rows})", "before", carried=CARRIED)
        rows = credited(
            scope, after, dimension, _ruled(scope, after, rows), "after", carried="before_keys, before_shares"
        )
    else:
        rows = _joined(scope, (before, after), dimension, period)
    sql = moves_of(rows, scope.bound.bind(limit, "UInt32"))
    return Asked(property_id, sql, scope.bound.values, read_moves)


def moves_of(rows: str, limit: str) -> str:
    """Return the question what moves between the two sides of every row.

    *rows* have is_refund, stored, before_keys, before_shares, after_keys and after_shares.
    """
    changes = """
        SELECT is_refund, stored, arrayDistinct(arrayConcat(before_keys, after_keys)) AS names,
            arrayMap(name -> arraySum(arrayMap((key, share) -> if(key = name, share, 0), after_keys, after_shares))
                - arraySum(arrayMap((key, share) -> if(key = name, share, 0), before_keys, before_shares)), names)
                AS changes
    """
    return f"""
        SELECT names[giver] AS from_key, names[taker] AS to_key,
            round(sum(if(is_refund, 0, flow)), 9) AS credit, sum(toInt64(round(stored * flow))) AS units,
            countIf(NOT is_refund)
        FROM (
            SELECT is_refund, stored, names, giver, taker, -changes[giver] * changes[taker] / gain AS flow
            FROM (
                SELECT *, arraySum(change -> if(change > {_NOISE}, change, 0), changes) AS gain
                FROM ({changes} FROM ({rows}))
            )
            ARRAY JOIN arrayFilter(at -> changes[at] < -{_NOISE}, arrayEnumerate(names)) AS giver
            ARRAY JOIN arrayFilter(at -> changes[at] > {_NOISE}, arrayEnumerate(names)) AS taker
        )
        GROUP BY from_key, to_key
        ORDER BY credit DESC, from_key, to_key
        LIMIT {limit}
    """


def credited(scope: Scope, scenario: Scenario, dimension: str, rows: str, name: str, *, carried: str) -> str:
    """Return the query *rows* with the keys and shares of a scenario, and what it carries on."""
    pool = [
        *method_sql.pool_aliases(
            touch_column(dimension),
            click_lookback=scenario.click_lookback,
            view_lookback=scenario.view_lookback,
            bound=scope.bound,
            versions=versions_in_use(scope.info.id, scenario.overrides),
        ),
        *method_sql.money_aliases(scope.info.currency, scope.bound),
    ]
    columns = columns_of(replace(scope, supposed=scenario.supposed), name[0], scenario.method)
    inner = method_sql.nested(f"SELECT *, {', '.join(pool)} FROM ({rows})", [columns])
    is_refund = "" if "is_refund" in carried or "conversion_id" in carried else "is_refund, stored, "
    keys, shares = "arrayMap(key -> toString(key), pool_keys)", columns.shares
    if columns.has_baseline:
        keys = f"arrayPushBack({keys}, char(1))"
    return f"""
        SELECT {is_refund}{carried},
            if(touches = 0, [char(0)], {keys}) AS {name}_keys,
            if(touches = 0, [1.], {shares}) AS {name}_shares
        FROM ({inner})
    """


def _joined(scope: Scope, sides: tuple[Scenario, Scenario], dimension: str, period: Period) -> str:
    """Return both sides of the conversions that two sets of journeys hold: one of them was built for a trial."""
    queries = []
    for name, side in zip(("before", "after"), sides, strict=True):
        # One set of bound values for both, so that no name means two things.
        own = scope_of(scope.info.id, goal_id=side.goal_id, period=period, supposed=side.supposed, bound=scope.bound)
        seen = "false" if own.limits.sources else "is_counted"
        rows = f"SELECT conversion_id, {CARRIED} FROM {own.journeys} WHERE {own.where} AND {seen}"
        carried = "conversion_id, is_refund, stored" if name == "before" else "conversion_id"
        queries.append(credited(own, side, dimension, rows, name, carried=carried))
    return f"SELECT * FROM ({queries[0]}) AS b INNER JOIN ({queries[1]}) AS a USING (conversion_id)"


def _ruled(scope: Scope, scenario: Scenario, rows: str) -> str:
    """Return rows whose channels are those of a scenario; without rules of its own, as they were built."""
    if scenario.channel_rules is None:
        return f"SELECT * FROM ({rows})"
    channels = channel_rule_sql.ruled_channels(scenario.channel_rules, scope.bound)
    return f"SELECT * REPLACE ({channels} AS touch_channels) FROM ({rows})"


def read_moves(rows: Rows) -> list[CreditMove]:
    return [
        CreditMove(_key(giver), _key(taker), float(credit), money(units), count)
        for giver, taker, credit, units, count in rows
    ]


def _key(text: str) -> str | None:
    """Return a key; an empty one is a campaign without a name, and no event holds the character NUL."""
    return None if text == "\x00" else engine.BASELINE if text == "\x01" else text
