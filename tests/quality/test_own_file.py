"""The file of a set of expectations: what a door takes is written into it, and read from it the same."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.orgs import services as orgs
from apps.quality.domain import documents, rules
from apps.quality.models import Expectation
from apps.shared.yaml_documents import BadDocument
from tests.factories.company import Company
from tests.quality.test_api import WHOLE, api

__all__ = ["api"]
ODD = "\x85\u2028\u2029\ufeff\x7f\x80\xa0\ufffe\uffff\U0001f600\U0010ffff\t\r\n '\"#:-?[]{}&*!|>%@`\\~"
WORDS = (
    st.text(max_size=12)
    | st.text(ODD, max_size=12)
    | st.sampled_from(["NO", "tRUE", "TRUE", "null", "~", "", "0123", "12:30", "1_0", ".inf", "5", "5.0", "<<", "="])
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([1e22, 5.0, -0.0, 10**30])
VALUES = WORDS | NUMBERS | st.booleans() | st.none()
FEW = st.lists(st.sampled_from([*rules.JSON_TYPES, *rules.DRIFTS]), max_size=3)
PARAMETERS = {
    "not_null": st.just({}),
    "in_set": st.fixed_dictionaries({"values": st.lists(VALUES, max_size=5) | VALUES}),
    "range": st.fixed_dictionaries({}, optional={"min": VALUES, "max": VALUES}),
    "regex": st.fixed_dictionaries({"pattern": VALUES}),
    "type": st.fixed_dictionaries({"types": FEW}),
    "schema": st.fixed_dictionaries({}, optional={"reports": FEW}),
    "freshness": st.fixed_dictionaries({"within": st.sampled_from(["90m", "6h", " 6h", "0h"]) | VALUES}),
    "volume": st.fixed_dictionaries(
        {}, optional={"weeks": st.integers(0, 20) | VALUES, "band": st.integers(0, 30) | st.floats(0, 30) | VALUES}
    ),
}
KINDS = st.sampled_from(sorted(PARAMETERS)).flatmap(lambda kind: st.tuples(st.just(kind), PARAMETERS[kind]))


def back(name: str, kind: str, event: str, field: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Write one expectation into a file, and read it."""
    row = documents.as_document(
        name=name, kind=kind, event=event, stream=None, field=field, severity="flag", is_on=True, parameters=parameters
    )
    (found,) = documents.read(documents.write([row]), streams={})
    return found


@settings(max_examples=400, deadline=None)
@given(WORDS, KINDS, WORDS, WORDS)
@example("a", ("range", {"min": None, "max": 5}), "*", "b")
@example("a", ("volume", {"band": "3"}), "*", "")
@example("a", ("type", {"types": ["string", "string"]}), "*", "b")
@example("a", ("in_set", {"values": ["\x85", "tRUE"]}), "\u2028", "\ufeff")
def test_what_is_accepted_is_read_from_its_own_file_the_same(
    name: str, kind: tuple[str, dict[str, Any]], event: str, key: str
) -> None:
    field = f"properties.{key}" if kind[0] in rules.OF_FIELDS else ""
    try:
        rules.check_name(name)
        rules.check(kind[0], field, kind[1], "flag", event)
    except rules.BadRule:
        return

    found = back(name, kind[0], event, field, kind[1])

    assert (found["name"], found["event"], found["field"]) == (name, event, field)
    assert json.dumps(found["parameters"]) == json.dumps(kind[1])


@given(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
@example("\x85")
@example("\u2028")
@example("\u2029")
@example("\ufeff")
@example("\x7f")
def test_every_sign_comes_back_wherever_it_stands(sign: str) -> None:
    values = [sign, f"a{sign}", f"{sign}a", f"a {sign} b", f"'{sign}\n{sign}"]

    assert back(f"a{sign}", "in_set", "*", "value", {"values": values})["parameters"] == {"values": values}


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("range", {"min": None, "max": 5}), ("volume", {"band": "3"}), ("volume", {"weeks": 4.0}),
        ("type", {"types": ["string", "string"]}), ("schema", {"reports": ["new_field", "new_field"]}),
        ("in_set", {"values": [float("inf")]}), ("in_set", {"values": [float("nan")]}), ("in_set", {"values": [None]}),
        ("schema", {"reports": None}), ("volume", {"band": None}),
    ],
)  # fmt: skip
def test_what_a_file_cannot_say_is_no_expectation(kind: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(rules.BadRule) as error:
        rules.check(kind, "value" if kind in rules.OF_FIELDS else "", parameters, "flag", "*")

    assert error.value.place == next(iter(parameters))


@pytest.mark.parametrize("field", ["name", "events"])
def test_file_with_blanks_for_a_name_is_refused(field: str) -> None:
    row = {"name": "a", "kind": "not_null", "field": "value", field: " \u2003"}

    with pytest.raises(BadDocument, match=rf"expectations.yaml:\d: expectations.0.{field}: "):
        documents.read(documents.write([row]), streams={})


def test_set_that_is_too_large_for_a_file_is_refused_with_a_word() -> None:
    rows = [{"name": str(number), "kind": "in_set", "field": "value", "values": ["x" * 500] * 300} for number in (1, 2)]

    with pytest.raises(BadDocument, match="a file has at most 256 KB"):
        documents.read(documents.write(rows), streams={})


@pytest.mark.stores
@pytest.mark.parametrize(
    "fields",
    [{"parameters": {"min": None, "max": 5}}, {"kind": "in_set", "parameters": {"values": [1e999]}},
     {"kind": "volume", "field": "", "parameters": {"band": "3"}}],
)  # fmt: skip
def test_api_refuses_what_a_file_cannot_say(api: Any, fields: dict[str, Any]) -> None:
    body = json.dumps({**WHOLE, **fields}).replace("Infinity", "1e999")
    status, problem = api("post", "expectations/", body)

    assert (status, [one["field"] for one in problem["errors"]]) == (400, ["parameters"])


@pytest.mark.stores
def test_streams_of_one_name_stay_apart_in_the_file(company: Company, api: Any) -> None:
    """The file of an expectation for the first was read as one for the second."""
    first, second = (orgs.create_stream(property_id=company.shop.pk, kind="web", name="Twice") for _ in range(2))
    for number, stream in enumerate((first, second)):
        api("post", "expectations/", {**WHOLE, "name": str(number), "stream": stream.pk})
    text = api("get", "expectations/yaml/")[1]["yaml"]

    assert api("post", "expectations/yaml/", {"yaml": text})[1] == {"changes": []}
    assert api("put", "expectations/yaml/", {"yaml": text})[1]["unchanged"] == 2
    status, problem = api("put", "expectations/yaml/", {"yaml": text.replace(f"Twice #{first.pk}", "Twice")})
    assert (status, "no stream 'Twice'" in str(problem)) == (400, True)


@pytest.mark.stores
def test_what_was_taken_before_can_still_be_taken_out_of_use(company: Company, api: Any) -> None:
    made = api("post", "expectations/", WHOLE)[1]
    Expectation.objects.filter(pk=made["id"]).update(parameters={"min": None, "max": 5})

    assert api("delete", f"expectations/{made['id']}/")[0] == 204
