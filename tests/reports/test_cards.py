"""The figures at the head of the overview."""

from dataclasses import replace
from decimal import Decimal

from apps.attribution.api import CurrencyTotal, Totals
from apps.reports import cards

EUROS = Totals(
    conversions=4,
    revenue=Decimal("100.00"),
    refunds=Decimal(0),
    persons=4,
    attributed=3,
    unattributed=1,
    attributed_revenue=Decimal("75.00"),
    unattributed_revenue=Decimal("25.00"),
    repeats=0,
    other_currencies=(),
)


def test_average_leaves_other_currencies_out_of_both_parts() -> None:
    with_francs = replace(EUROS, conversions=6, other_currencies=(CurrencyTotal("CHF", 2, Decimal("500.00")),))

    assert cards.average_value(EUROS) == Decimal(25)
    assert cards.average_value(with_francs) == Decimal(25)


def test_average_of_francs_alone_is_no_figure() -> None:
    only_francs = replace(EUROS, conversions=2, other_currencies=(CurrencyTotal("CHF", 2, Decimal("500.00")),))

    assert cards.average_value(only_francs) is None
