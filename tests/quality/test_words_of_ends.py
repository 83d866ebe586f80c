"""Why an event was not taken is told in the language of the page; what is stored, and the API, keep it in English."""

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import translation

from apps.ingestion.domain.payload import decode_payload
from apps.ingestion.domain.reading import malformed
from apps.quality.domain import testing
from apps.quality.domain.failed_words import OF_VALUES
from apps.quality.domain.rules import Kind, Rule
from apps.quality.forms.sentences import said_of_end, said_of_value
from tests.factories.company import Company
from tests.quality.test_quarantine import release

QUALITY = "/o/fernweh/p/shop/quality/quarantine"
EVENTS = "/o/fernweh/p/shop/events/"
_CALLS = {"Dropped": 2, "NotMoney": 0, "NotJson": 0, "NotAnInstant": 0, "_missing": 2, "BodyRefused": 2,
          "NotInForm": 0, "UnreadableFile": 0, "BadMapping": 0,
          "BadConsentString": 0, "PropertyGone": 0, "LineTooLong": 0}  # fmt: skip


@pytest.fixture
def russian(company: Company) -> Client:
    """Ada's browser, in Russian."""
    ada = company.client_of(company.ada)
    ada.cookies["django_language"] = "ru"
    return ada


def text(client: Client, address: str, query: dict[str, str] | None = None) -> str:
    """Return what is to be read on a page, with what its titles say."""
    body = client.get(address, query).content.decode()
    said = " ".join(re.findall(r'title="([^"]*)"', body))
    return " ".join(html.unescape(f"{re.sub('<[^>]+>', ' ', body)} {said}").split())


@pytest.mark.stores
def test_pages_say_in_russian_what_an_event_fails(
    company: Company, russian: Client, send: Any, write: Any, expect: Any
) -> None:
    expect("not_null", "properties.colour", name="цвет")
    expect("in_set", "properties.size", name="размер", parameters={"values": ["S", "M"]})
    expect("range", "properties.price", name="цена", parameters={"min": 0, "max": 9})
    send({"messageId": "m", "properties": {"size": "XXL", "price": 10}})
    write()
    release(company, "discard", note="проба")
    wanted = (
        "“цвет”: properties.colour отсутствует; “размер”: properties.size равно 'XXL', а такого нет в списке"
        " значений (всего 2); “цена”: properties.price равно 10, вне пределов от 0 до 9"
    )

    pages = [
        text(russian, *one) for one in ((f"{QUALITY}/item/", {"id": "m"}), (EVENTS, {"message_id": "m"}), (EVENTS,))
    ]

    assert [wanted in page for page in pages] == [True] * 3
    assert re.search(r"Выпуск \d+, сделал ada\S*: проба\.", pages[1]), pages[1]
    english = text(company.client_of(company.ada), f"{QUALITY}/item/", {"id": "m"})
    assert "properties.colour is missing; “размер”: properties.size is 'XXL', none of the 2 values" in english
    row = russian.get(f"/api/v1/properties/{company.shop.pk}/events/", {"state": "quarantined"}).json()["events"][0]
    assert "properties.colour is missing" in row["detail"]


@pytest.mark.stores
def test_lists_say_why_in_words_and_keep_the_name_that_programs_know(
    company: Company, russian: Client, send: Any, write: Any, expect: Any
) -> None:
    expect("not_null", "properties.colour", name="цвет")
    send({"messageId": "m"}, {"messageId": "n", "properties": {"colour": "red", "value": "much"}})
    write()

    quarantine, collection = (
        text(russian, f"/o/fernweh/p/shop/{one}/") for one in ("quality/quarantine", "collection")
    )

    assert "“цвет”: properties.colour отсутствует" in quarantine
    assert "'much' — не число. properties.value" in quarantine
    assert "bad_amount – Его сумма — не число, которое можно складывать." in quarantine
    assert "Его сумма — не число, которое можно складывать. bad_amount В карантине 1" in collection


@pytest.mark.stores
def test_days_under_the_chart_of_quality_are_written_as_russian_writes_them(
    company: Company, russian: Client, send: Any, write: Any, expect: Any
) -> None:
    expect("not_null", "properties.colour", name="цвет")
    send({"messageId": "m"})
    write()

    page = russian.get("/o/fernweh/p/shop/quality/")

    days = page.context["option"]["xAxis"]["data"]
    assert len(days) == 30
    months = " янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек. "
    assert all(f" {day.replace(chr(0xA0), ' ').split()[-1]} " in months for day in days), days


@pytest.mark.stores
@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ({"properties": {"value": "much"}}, "'much' — не число."),
        ({"properties": {"currency": "euro"}}, "Валюта — код из трёх букв, например EUR."),
        ({"event": None}, "Вызов track или конверсия называет своё событие в поле `event`."),
        ({"userId": None}, "Событию нужен userId или anonymousId."),
        ({"timestamp": "yesterday"}, "'yesterday' — не время. Отправляйте ISO 8601"),
        ({"timestamp": "1999-01-01"}, "Событие раньше 2000 года."),
        ({"userId": [1]}, "Ожидался тип `"),
    ],
)
def test_pages_say_in_russian_what_the_door_does_not_take(
    russian: Client, send: Any, write: Any, event: dict[str, Any], wanted: str
) -> None:
    send({"messageId": "m", **event}, {"messageId": "fine"})
    write()

    pages = [text(russian, *one) for one in ((EVENTS, {"message_id": "m"}), ("/o/fernweh/p/shop/live/",))]

    assert [wanted in page for page in pages] == [True, True]


def test_every_sentence_of_the_door_and_the_importer_has_its_translation() -> None:
    places = [path for part in ("ingestion", "compliance/domain") for path in Path("apps", part).rglob("*.py")]
    found = {said for path in places for said in _sentences(ast.parse(path.read_text(encoding="utf-8")))}
    with translation.override("ru"):
        missing = sorted(one for one in found if said_of_end(one) == one)

    assert missing == []
    assert len(found) > 40


def test_every_way_to_fail_an_expectation_has_its_translation() -> None:
    rules: dict[Kind, dict[str, Any]] = {
        Kind.NOT_NULL: {}, Kind.IN_SET: {"values": ["a"]}, Kind.RANGE: {"min": 1}, Kind.REGEX: {"pattern": "a"},
        Kind.TYPE: {"types": ["string", "integer"]},
    }  # fmt: skip
    values = ("x", 5, 2.5, True, [1], {"a": 1}, "a, not b")
    failed = [
        testing.words(Rule(1, "r", kind, field, given), value)
        for kind, given in rules.items() for value in values for field in ("properties.x", "properties.email")
    ]  # fmt: skip
    with translation.override("ru"):
        said = [said_of_value(one) for one in (*failed, *OF_VALUES)]

        several = said_of_value("properties.x is 5, a integer, not string or boolean")

    assert [one for one in said if one.startswith("is ")] == []
    assert several == "properties.x равно 5, это integer, а не string или boolean"


def test_what_is_no_known_sentence_and_what_was_cut_stays_as_it_is() -> None:
    odd = ("", "“a", "“a”: ", "“a”: field is", "%(x)s", "100 %", "Release", "\n", "“a”: f is 'x', no", "x" * 5_000)
    with translation.override("ru"):
        assert [said_of_end(one) for one in odd] == list(odd)
        assert said_of_end("“a; “b”: c”: x.y is missing; “d”: z is ne").endswith("“d”: z is ne")


@pytest.mark.parametrize("raw", [b'{"userId": [1]}', b'{"context": 5}', b'{"event": 7}'])
def test_types_that_are_wrong_are_told_in_russian(raw: bytes) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        decode_payload(raw)
    with translation.override("ru"):
        assert said_of_end(malformed(caught.value).detail).startswith("Ожидался тип")


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Yield the details that calls are given, the values in them as a 7."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = _CALLS.get(name)
        if place is not None and place < len(node.args):
            said = _text(node.args[place])
            if re.search("[A-Za-z]{2} ", said):
                yield said


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return _text(node.value) if isinstance(node, ast.Subscript) else ""
