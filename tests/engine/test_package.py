"""What the package promises as a whole, and values it refuses."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

import attribution as engine
from tests.engine.builders import NOON, journey, touch


def test_public_names_exist_and_are_named_once() -> None:
    assert len(engine.__all__) == len(set(engine.__all__))
    assert all(hasattr(engine, name) for name in engine.__all__)


def test_engine_needs_nothing_but_numpy() -> None:
    program = (
        "import sys, numpy; before = set(sys.modules); import attribution;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names) - {'attribution', 'numpy'}))"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_worthless_value_is_refused_and_not_spread(value: str) -> None:
    """A NaN that passes would silently turn every channel's total into NaN."""
    spoiled = journey(touch("a"), value=value)

    for found in (spoiled, replace(spoiled, touchpoints=())):
        with pytest.raises(engine.BadAmountError):
            engine.credit(engine.METHODS["linear"].spec, found)


def test_unknown_kind_of_touchpoint_is_refused() -> None:
    with pytest.raises(engine.UnknownTouchKindError, match="glance"):
        engine.Touchpoint("t", "glance", NOON, NOON)  # type: ignore[arg-type]


def test_kinds_as_plain_text_work_like_the_enumeration() -> None:
    plain = replace(touch("a"), kind="click")  # type: ignore[arg-type]

    assert engine.credit(engine.METHODS["last_paid_click"].spec, journey(plain))[0].share == 1.0


def test_zero_value_is_split_into_zeros() -> None:
    earned = engine.credit(engine.METHODS["linear"].spec, journey(touch("a"), touch("b"), value="0"))

    assert [one.amount for one in earned] == [Decimal(0), Decimal(0)]
