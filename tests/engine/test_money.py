"""Money to the smallest unit."""

from decimal import Decimal
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine

_WEIGHTS = st.lists(st.floats(0, 1000), min_size=1, max_size=40).filter(lambda weights: fsum(weights) > 1e-3)
_SHARES = _WEIGHTS.map(lambda weights: [weight / fsum(weights) for weight in weights])


@given(st.decimals("-99999999999999", "99999999999999", places=4), _SHARES, st.sampled_from(["EUR", "JPY", "KWD", ""]))
def test_parts_sum_to_the_value_and_are_near_their_quota(value: Decimal, shares: list[float], currency: str) -> None:
    parts = engine.split_money(value, shares, currency)

    assert sum(parts) == value
    assert all(part * value >= 0 for part in parts)
    unit = 10.0 ** -engine.minor_digits(currency)
    slack = unit + abs(float(value)) * 1e-9
    assert all(abs(float(part) - float(value) * share) <= slack for part, share in zip(parts, shares, strict=True))


@given(st.decimals("-99999999999999", "99999999999999", places=4), _SHARES)
def test_a_share_of_zero_gets_nothing(value: Decimal, shares: list[float]) -> None:
    parts = engine.split_money(value, [0.0, *shares, 0.0], "EUR")

    assert parts[0] == parts[-1] == 0


@given(st.integers(0, 10**12), st.integers(1, 30))
def test_shares_that_sum_to_one_only_nearly_lose_no_cent(cents: int, count: int) -> None:
    value = Decimal(cents).scaleb(-2)
    shares = [0.0, *[(1 - 9e-10) / count] * count]

    parts = engine.split_money(value, shares, "EUR")

    assert sum(parts) == value
    assert parts[0] == 0
    assert max(parts[1:]) - min(parts[1:]) <= Decimal("0.01")


@given(st.decimals(0, 10_000, places=2), _SHARES)
def test_negative_values_mirror_positive_ones(value: Decimal, shares: list[float]) -> None:
    assert engine.split_money(-value, shares, "EUR") == [-part for part in engine.split_money(value, shares, "EUR")]


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        ("0.05", "EUR", ["0.03", "0.02"]),
        ("5", "JPY", ["3", "2"]),
        ("0.005", "KWD", ["0.003", "0.002"]),
        ("0.0025", "EUR", ["0.0013", "0.0012"]),
        ("-0.05", "EUR", ["-0.03", "-0.02"]),
        ("0", "EUR", ["0.00", "0.00"]),
        ("2.5", "JPY", ["1.2500", "1.2500"]),
    ],
)
def test_leftover_unit_goes_to_the_earlier_of_equals(value: str, currency: str, expected: list[str]) -> None:
    assert engine.split_money(Decimal(value), [0.5, 0.5], currency) == [Decimal(part) for part in expected]


def test_float_noise_does_not_choose_who_gets_a_cent() -> None:
    """The last bit of a share must not decide: SQL and Python may differ in it."""
    up, down = 1 / 3 + 5e-17, 1 / 3 - 5e-17

    assert engine.split_money(Decimal("10.00"), [down, 1 / 3, up], "EUR")[0] == Decimal("3.34")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1e30", "1e-30", "1e999999", "1e-999999"])
def test_impossible_amounts_are_refused(value: str) -> None:
    with pytest.raises(engine.BadAmountError):
        engine.split_money(Decimal(value), [1.0], "EUR")


@pytest.mark.parametrize("shares", [[], [0.5], [0.5, 0.6], [1.5, -0.5], [float("nan"), 1.0], [float("inf")]])
def test_impossible_shares_are_refused(shares: list[float]) -> None:
    with pytest.raises(engine.BadSharesError):
        engine.split_money(Decimal(1), shares, "EUR")
