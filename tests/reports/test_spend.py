"""What is said of ad spend where nothing, or nothing that divides, was spent."""

from decimal import Decimal

import pytest

from apps.reports.domain.spend import Spend, cost_per_conversion, return_on_spend


@pytest.mark.parametrize(
    ("cost", "conversions", "per"),
    [
        (Decimal("30"), 2.0, Decimal("15")),
        (Decimal("0"), 2.0, Decimal("0")),
        (Decimal("30"), 0.0, None),
        (Decimal("30"), 0.001, None),
        (None, 2.0, None),
    ],
)
def test_cost_of_a_conversion(cost: Decimal | None, conversions: float, per: Decimal | None) -> None:
    assert cost_per_conversion(cost, conversions) == per


@pytest.mark.parametrize(
    ("revenue", "cost", "back"), [("50", "20", 2.5), ("-5", "20", -0.25), ("50", "0", None), ("50", None, None)]
)
def test_return_on_what_was_spent(revenue: str, cost: str | None, back: float | None) -> None:
    assert return_on_spend(Decimal(revenue), cost and Decimal(cost)) == back  # type: ignore[arg-type]


def test_spend_in_other_currencies_alone_is_spend_and_adds_nothing() -> None:
    spend = Spend({}, (("USD", Decimal(5)),))

    assert (bool(spend), spend.total, bool(Spend())) == (True, 0, False)
