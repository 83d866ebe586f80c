"""The settings of a property: who may change them, what a version says, what is refused."""

import html
from datetime import timedelta
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import reverse

from apps.orgs import queries, services
from apps.orgs.fields import span_text
from apps.orgs.forms import SettingsForm
from apps.orgs.models import Property, PropertySettings
from apps.orgs.wording import METHOD_TITLES
from tests.factories.company import Company

URL = "/o/fernweh/p/shop/settings/"


def fields(company: Company, **changes: object) -> dict[str, object]:
    info = queries.property_by_id(company.shop.pk)
    form = SettingsForm(info=info)
    data = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    data |= {name: "\n".join(value) for name, value in data.items() if isinstance(value, list)}
    return data | changes


def test_address_is_the_one_that_the_menu_names(company: Company) -> None:
    assert reverse("orgs:settings", args=["fernweh", "shop"]) == URL


def test_change_makes_a_version_that_says_who_and_what(company: Company) -> None:
    client = company.client_of(company.ada)

    client.post(URL, fields(company, click_lookback=str(7 * 86400), currency="JPY"))

    newest = PropertySettings.objects.filter(property=company.shop).first()
    assert newest is not None
    assert (newest.version, newest.made_by, newest.click_lookback) == (2, company.ada, timedelta(days=7))
    assert Property.objects.get(pk=company.shop.pk).currency == "JPY"
    page = client.get(URL).content.decode()
    assert "Version 2" in page
    assert "ada@example.org" in page
    assert 'as the organization says</del> → <ins class="strong">7 days</ins>' in page


def test_version_before_stays_as_it_was(company: Company) -> None:
    services.change_settings(property_id=company.shop.pk, made_by=company.ada, currency="USD")

    assert PropertySettings.objects.get(property=company.shop, version=1).currency == "EUR"


def test_saving_nothing_makes_no_version(company: Company) -> None:
    company.client_of(company.ada).post(URL, fields(company))

    assert PropertySettings.objects.filter(property=company.shop).count() == 1


def test_member_looks_but_does_not_change(company: Company) -> None:
    client = company.client_of(company.grace)

    page = client.get(URL).content.decode()
    answer = client.post(URL, fields(company, currency="USD"))

    assert "Owners and admins can change them" in page
    assert "Save as a new version" not in page
    assert answer.status_code == 403
    assert Property.objects.get(pk=company.shop.pk).currency == "EUR"


def test_outsider_finds_nothing(company: Company) -> None:
    client = company.client_of(company.mallory)

    assert client.get(URL).status_code == 404
    assert client.post(URL, fields(company, currency="USD")).status_code == 404


def test_two_people_at_once_do_not_overwrite_each_other(company: Company) -> None:
    stale = fields(company, currency="USD")
    services.change_settings(property_id=company.shop.pk, made_by=company.grace, default_method="linear")

    answer = company.client_of(company.ada).post(URL, stale)

    assert answer.status_code == 422
    assert "Somebody else changed the settings meanwhile" in answer.content.decode()
    assert queries.rules_in_force(company.shop).version == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("click_lookback", str(91 * 86400)),
        ("view_lookback", "0"),
        ("currency", "XXX"),
        ("time_zone", "Mars/Olympus"),
        ("default_method", "magic"),
    ],
)
def test_value_out_of_range_is_refused_beside_its_field(company: Company, field: str, value: str) -> None:
    answer = company.client_of(company.ada).post(URL, fields(company, **{field: value}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "<script>alert(1)</script>" not in answer.content.decode()
    assert PropertySettings.objects.filter(property=company.shop).count() == 1


def test_stream_shows_its_key_and_ways_to_send(company: Company) -> None:
    stream = company.shop.streams.get()

    page = company.client_of(company.ada).get(URL).content.decode()

    assert page.count(stream.write_key) >= 3
    assert f"curl http://127.0.0.1:8001/v1/track -u {stream.write_key}:" in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("kind", "said"), [("server", "from tributary_sdk import Client"), ("android", "Tributary.start")]
)
def test_stream_of_a_kind_shows_its_sdk(company: Company, kind: str, said: str) -> None:
    stream = company.shop.streams.create(kind=kind, name="Another")

    page = html.unescape(company.client_of(company.ada).get(URL).content.decode())

    assert said in page
    assert f'"{stream.write_key}", "http://127.0.0.1:8001")' in page


def test_snippet_loads_the_sdk_of_the_door_and_stands_in_the_readme() -> None:
    snippet = get_template("orgs/snippets/page.txt").render({"host": "http://127.0.0.1:8001", "key": "WRITE_KEY"})

    assert '<script async src="http://127.0.0.1:8001/sdk/tributary.js" data-write-key="WRITE_KEY"></script>' in snippet
    assert snippet.strip() in Path("README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("streams", [1, 3])
def test_number_of_queries_does_not_grow_with_streams_and_versions(
    company: Company, streams: int, django_assert_num_queries: object
) -> None:
    for number in range(streams):
        company.shop.streams.create(kind="server", name=f"S{number}")
        services.change_settings(
            property_id=company.shop.pk, made_by=company.ada, visit_gap=timedelta(minutes=10 + number)
        )
    client = company.client_of(company.ada)
    client.get(URL)

    with django_assert_num_queries(9):  # type: ignore[operator]
        client.get(URL)


def test_spans_are_said_in_their_largest_whole_unit() -> None:
    spans = [timedelta(minutes=45), timedelta(hours=1), timedelta(hours=36), timedelta(days=2)]

    assert [span_text(span) for span in spans] == ["45 minutes", "1 hour", "36 hours", "2 days"]


def test_default_method_is_among_those_with_a_title() -> None:
    assert PropertySettings().default_method in METHOD_TITLES
