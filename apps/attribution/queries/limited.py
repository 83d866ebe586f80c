"""The sums that somebody sees who is limited to some sources: what these have credit for, and nothing of the rest."""

from decimal import Decimal

from apps.attribution import method_sql
from apps.attribution.domain.results import Totals
from apps.attribution.queries.asking import Asked, Rows
from apps.attribution.queries.scope import Scope, columns_of, money

METHOD = "last_non_direct"


def totals(scope: Scope, *, property_id: int, method: str) -> Asked[Totals]:
    """Return the sums of the credit: they equal the sum of the rows that `credit_by` returns to the same reader."""
    columns = columns_of(scope, "m", method)
    rows = f"""
        SELECT person_id, is_refund, milestone_age_ms, {", ".join([*scope.pool(), *scope.passing()])}
        FROM journeys FINAL WHERE {scope.where} AND is_counted
    """
    sql = f"""
        SELECT round(toFloat64(sum(if(is_refund, 0, {columns.credit}))), 9), sum({columns.money}),
            sumIf({columns.money}, is_refund),
            uniqExactIf(person_id, NOT is_refund AND person_id != 0 AND {columns.credit} > 0)
        FROM ({method_sql.nested(rows, [columns])})
        ARRAY JOIN {method_sql.joined([columns])}
        WHERE pool_passing[place]
    """
    return Asked(property_id, sql, scope.bound.values, _totals)


def _totals(rows: Rows) -> Totals:
    credit, net, refunds, persons = rows[0]
    return Totals(
        conversions=credit,
        revenue=money(net),
        refunds=money(refunds),
        persons=persons,
        attributed=credit,
        unattributed=0,
        attributed_revenue=money(net),
        unattributed_revenue=Decimal(0),
        repeats=0,
        other_currencies=(),
    )
