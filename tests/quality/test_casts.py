"""Casts of values as people write them: what cannot be read without a loss stays as it was sent."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.quality.domain import fixes
from apps.quality.domain.fixes import CASTS, Action, Fix

MINUS = "\u2212"  # of typesetting
SIGNS = st.text("0123456789.,'()-+\u2212 \u00a0$€%RSUDC", max_size=14)
AMOUNTS = st.tuples(st.integers(1, 10**9), st.sampled_from(["", ".5", ",5", ".25", ",25"])).map(
    lambda one: f"{one[0]}{one[1]}"
)
NAMES = st.sampled_from(["", "$", "€", "US$", "zł", "EUR", "usd"])
BLANKS = st.sampled_from(["", " ", "\u00a0", "\u202f"])
FORMS = st.sampled_from([
    "-{name}{blank}{amount}", "\u2212{name}{blank}{amount}", "{name}{blank}-{amount}", "{name}\u2212{amount}",
    "{amount}-{blank}{name}", "{amount}{blank}{name}\u2212", "({name}{blank}{amount})", "{name}({amount})",
    "({amount}){blank}{name}", "({amount}{blank}{name})", "-{amount}{blank}{name}",
])  # fmt: skip


def cast(value: Any, to: str = "number") -> Any:
    """Return what a fix makes of a value."""
    fix = Fix("properties.n", Action.CAST, {"to": to})
    raw, _made = fixes.fixed(msgspec.json.encode({"properties": {"n": value}}), [fix])
    return msgspec.json.decode(raw)["properties"]["n"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("(12.50)", -12.5), ("( 12.50 )", -12.5), ("($12.50)", -12.5), ("$(12.50)", -12.5), ("(12,50 €)", -12.5),
        ("(1.234,50)", -1234.5), ("(12.50) EUR", -12.5), ("7-", -7), ("7 -", -7), ("7- €", -7), ("7 €-", -7),
        ("-$5", -5), ("- $5", -5), ("$-5", -5), ("$ -5", -5), (f"{MINUS}5", -5), (f"{MINUS}$5", -5), (f"5{MINUS}", -5),
        (f"€{MINUS}1.234,50", -1234.5), ("EUR -3", -3), ("-3 EUR", -3), ("-0,5 €", -0.5), ("$ -.5", -0.5),
        ("€ 5", 5), ("+$5", 5), ("5 eur", 5), ("US$ 5", 5), ("5 zł", 5), ("100 руб.", 100), ("$5 USD", 5),
        ("1’234.50 CHF", 1234.5),
    ],
)  # fmt: skip
def test_cast_keeps_the_sign_of_an_amount(text: str, amount: float) -> None:
    """A refund that lost its sign was revenue."""
    assert cast(text) == amount


@pytest.mark.parametrize("to", ["number", "integer"])
@pytest.mark.parametrize(
    "text",
    ["5 CR", "5 DR", "5CR", "CR 5", "5 neg", "--5", "+-5", "-+5", "5-6", "(-5)", "-(5)", "(5)-", "((5))", "(5", "5)",
     "-5-", "[5]", "<5>", "5%", "~5", "5+", "5,-", "\u20135", "5 kg", "EUR USD 5", "\u2212\u22125", "minus 5", "-",
     "()", "$", "", "1 2"],
)  # fmt: skip
def test_cast_leaves_what_may_mean_something_else(text: str, to: str) -> None:
    assert cast(text, to) == text


@given(AMOUNTS, NAMES, BLANKS, FORMS)
def test_amount_below_zero_is_below_zero_however_it_is_written(amount: str, name: str, blank: str, form: str) -> None:
    assert cast(form.format(amount=amount, name=name, blank=blank)) == -float(amount.replace(",", "."))


@given(SIGNS)
def test_no_text_loses_its_sign(text: str) -> None:
    found = cast(text)

    assert found == text or found <= 0 or not re.search("[-\u2212()%]", text)


@given(
    SIGNS | AMOUNTS | st.text(max_size=8) | st.integers() | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False) | st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(CASTS),
)  # fmt: skip
@example("1025018857283244.9375", "number")
def test_what_was_cast_is_cast_no_further(value: Any, to: str) -> None:
    found = cast(value, to)

    assert (type(cast(found, to)), cast(found, to)) == (type(found), found)


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("1e999", "1e999"), ("1e99999999", "1e99999999"), ("-1e99999999", "-1e99999999"),
        ("1e-99999999", "1e-99999999"), ("9" * 500, "9" * 500), ("1" * 400 + ".5", "1" * 400 + ".5"),
        ("9007199254740993", "9007199254740993"),
        (12345678901234567890, 12345678901234567890), ("9007199254740992", 2**53), ("1e20", 1e20), ("0.1", 0.1),
    ],
)  # fmt: skip
def test_cast_leaves_a_number_that_no_program_holds(value: Any, after: Any) -> None:
    """It became nothing (`null`), or another whole number; an absurd one stopped the whole release."""
    assert cast(value) == after


@pytest.mark.parametrize("to", CASTS)
def test_cast_leaves_what_is_no_plain_value(to: str) -> None:
    for value in ({"a": 1}, [1], None):
        assert cast(value, to) == value
