"""Paths into events: items of lists, keys that hold dots, what is not there; read by rules, changed by fixes."""

from typing import Any

import msgspec
import pytest

from apps.quality.domain import fixes
from apps.quality.domain.fixes import Action, Fix
from apps.quality.domain.rules import BadRule
from tests.factories.company import Company
from tests.quality.test_quarantine import release

GOOD = {"lines": [{"sku": "x", "price": 1}, {"sku": "y", "price": 2}], "utm.source": "ads", "deep": {"a.b": {"c": 1}}}


@pytest.mark.stores
@pytest.mark.parametrize(
    ("kind", "field", "parameters", "bad"),
    [
        ("not_null", "properties.lines[].sku", {}, {"lines": [{"sku": "x"}, {"price": 2}]}),
        ("not_null", "properties.lines[].sku", {}, {"lines": [{"sku": "x"}, {"sku": None}]}),
        ("range", "properties.lines[].price", {"min": 0}, {"lines": [{"price": 1}, {"price": "-1"}]}),
        ("in_set", "properties.lines[].sku", {"values": ["x", "y"]}, {"lines": [{"sku": "x"}, {"sku": "<b>z</b>"}]}),
        ("type", "properties.lines[].price", {"types": ["number"]}, {"lines": [{"price": 1}, {"price": "1"}]}),
        ("type", "properties.lines[]", {"types": ["object"]}, {"lines": [{"sku": "x"}, "y"]}),
        ("not_null", "properties.utm.source", {}, {"utm.source": ""}),
        ("in_set", "properties.utm.source", {"values": ["ads"]}, {"utm.source": "mail"}),
        ("range", "properties.deep.a.b.c", {"max": 1}, {"deep": {"a.b": {"c": 2}}}),
    ],
)
def test_path_through_lists_and_dotted_keys_finds_the_bad_one(  # noqa: PLR0917  fixtures
    send: Any, write: Any, expect: Any, stored: Any, kept: Any,
    kind: str, field: str, parameters: dict[str, Any], bad: dict[str, Any],
) -> None:  # fmt: skip
    expect(kind, field, parameters=parameters)
    send({"messageId": "good", "properties": GOOD}, {"messageId": "bad", "properties": {**GOOD, **bad}})

    write()

    assert set(stored()) == {"good"}
    assert set(kept()) == {"bad"}


@pytest.mark.stores
def test_list_that_is_empty_or_not_there_fails_no_item(send: Any, write: Any, expect: Any, stored: Any) -> None:
    expect("not_null", "properties.lines[].sku")
    send({"messageId": "empty", "properties": {"lines": []}}, {"messageId": "none", "properties": {}})

    write()

    assert set(stored()) == {"empty", "none"}


@pytest.mark.stores
def test_items_of_a_list_are_fixed_and_replayed(
    company: Company, send: Any, write: Any, expect: Any, stored: Any
) -> None:
    expect("range", "properties.lines[].price", parameters={"min": 0})
    send({"messageId": "m", "properties": {"lines": [{"price": "1,50"}, {"price": 2}]}})
    write()

    release(company, fix={"field": "properties.lines[].price", "action": "cast", "parameters": {"to": "number"}})
    write()

    assert msgspec.json.decode(stored()["m"][0]) == {"lines": [{"price": 1.5}, {"price": 2}]}


@pytest.mark.parametrize(
    ("field", "action", "parameters", "before", "after"),
    [
        ("lines.1.a", "mapping", {"values": {"b": "B"}}, {"lines": [{}, {"a": "b"}]}, {"lines": [{}, {"a": "B"}]}),
        ("lines[].sku", "mapping", {"values": {"b": "B"}}, {"lines": [{"sku": "b"}, 5]}, {"lines": [{"sku": "B"}, 5]}),
        ("tags[]", "mapping", {"values": {"b": "B"}}, {"tags": ["a", "b", "b"]}, {"tags": ["a", "B", "B"]}),
        ("lines[].n", "default", {"value": 1}, {"lines": [{}, {"n": 2}]}, {"lines": [{"n": 1}, {"n": 2}]}),
        ("lines[].n", "default", {"value": 1}, {}, None),
        ("a.b", "cast", {"to": "number"}, {"a.b": "5"}, {"a.b": 5}),
        ("a.b", "cast", {"to": "number"}, {"a": {"b": "5"}, "a.b": "6"}, {"a": {"b": 5}, "a.b": "6"}),
        ("a.b", "default", {"value": 1}, {}, {"a": {"b": 1}}),
        ("lines[].cost", "rename", {"to": "properties.lines[].price"},
         {"lines": [{"cost": 1}, {"cost": 2, "price": 3}]}, {"lines": [{"price": 1}, {"cost": 2, "price": 3}]}),
    ],
)  # fmt: skip
def test_fix_reaches_where_a_rule_reaches(
    field: str, action: str, parameters: Any, before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    fixes.check(f"properties.{field}", action, parameters)
    fix = Fix(f"properties.{field}", Action(action), parameters)

    payload, made = fixes.fixed(msgspec.json.encode({"properties": before}), [fix])

    assert msgspec.json.decode(payload) == {"properties": before if after is None else after}
    assert bool(made) is (after is not None)


def test_rename_out_of_a_list_is_refused() -> None:
    with pytest.raises(BadRule):
        fixes.check("properties.lines[].cost", "rename", {"to": "properties.price"})
