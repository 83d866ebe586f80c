"""The pages of data quality: what they say, who may change what, and that nothing typed is lost."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.orgs.models import CustomRole, Membership, Role, User
from apps.quality import tasks
from apps.quality.models import Expectation, ExpectationVersion, FixRule, Release
from tests.factories.company import Company
from tests.quality.test_schemas import store

pytestmark = pytest.mark.stores
ROOT = "/o/fernweh/p/shop/quality/"
LIST, NEW, QUARANTINE = f"{ROOT}expectations/", f"{ROOT}expectations/new/", f"{ROOT}quarantine/"


@pytest.fixture
def ada(company: Company) -> Client:
    """The owner's browser."""
    return company.client_of(company.ada)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run releases where a worker would."""
    monkeypatch.setattr(tasks, "request_release", lambda release_id, property_id: tasks.run_release(
        release_id=release_id, property_id=property_id
    ))  # fmt: skip


def filled(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Orders carry money", "event": "Order*", "stream": "", "kind": "range", "field": "properties.revenue",
        "severity": "quarantine", "is_on": "on", "min": "0", "max": "", **fields,
    }  # fmt: skip


def test_expectation_is_made_changed_and_archived_with_its_versions(company: Company, ada: Client) -> None:
    assertContains(ada.get(LIST), "Nothing is expected yet")
    assertRedirects(ada.post(NEW, filled()), LIST)
    row = Expectation.objects.get()
    page = f"{LIST}{row.pk}/"
    assertContains(ada.get(page), "Orders carry money")
    assertRedirects(ada.post(page, filled(max="500")), LIST)
    assertRedirects(ada.post(page, filled(max="500")), LIST)  # nothing was changed
    assertContains(ada.get(LIST), "version 2")
    assertRedirects(ada.post(f"{page}archive/"), LIST)

    versions = ExpectationVersion.objects.order_by("version").values_list("version", "made_by", "is_archived")
    assert list(versions) == [(1, company.ada.pk, False), (2, company.ada.pk, False), (3, company.ada.pk, True)]
    assert ada.get(page).status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"field": "revenue"}, "is no field"),
        ({"field": "context.ip"}, "is not kept"),
        ({"min": "", "max": ""}, "Give a smallest or a largest value"),
        ({"min": "5", "max": "4"}, "is less than the smallest"),
        ({"kind": "regex", "pattern": "(a"}, "cannot be read"),
        ({"kind": "regex", "pattern": "(?=a)a"}, "cannot be read"),
        ({"kind": "in_set", "values": " \n"}, "Name 1 to"),
        ({"kind": "freshness", "within": "6h"}, "cannot be quarantined"),
        ({"kind": "freshness", "within": "6 hours", "severity": "flag"}, "Write a span"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_kept(ada: Client, fields: dict[str, str], words: str) -> None:
    answer = ada.post(NEW, filled(**fields))

    assertContains(answer, words, status_code=422)
    assertContains(answer, 'value="Order*"', status_code=422)
    assertContains(answer, "field__error", status_code=422)
    assert not Expectation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"field": "revenue"}, "«revenue» — не поле"),
        ({"min": "", "max": ""}, "Укажите наименьшее или наибольшее значение."),
        ({"kind": "in_set", "values": ""}, "Укажите от 1 до 1000 значений."),
        ({"kind": "type", "types": []}, "Укажите одно или несколько из: string"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_whoever_reads(
    ada: Client, fields: dict[str, Any], words: str
) -> None:
    ada.cookies["django_language"] = "ru"

    assertContains(ada.post(NEW, filled(**fields)), words, status_code=422)


def test_name_that_is_taken_is_refused(ada: Client) -> None:
    ada.post(NEW, filled())

    assertContains(ada.post(NEW, filled()), "of this name already", status_code=422)


def test_preview_counts_and_saves_nothing(ada: Client, send: Any, write: Any) -> None:
    send(*({"messageId": f"m{number}", "properties": {"revenue": number}} for number in range(8)))
    write()

    answer = ada.post(NEW, filled(min="6", preview="1"))

    assertContains(answer, "In the last 7 days 6 of 8 events would have failed.")
    assert answer.content.decode().count("properties.revenue is") == 5
    assert not Expectation.objects.exists()


def test_whole_set_goes_out_and_comes_back(company: Company, ada: Client) -> None:
    ada.post(NEW, filled())
    ada.post(
        NEW, filled(name="Colours", kind="in_set", field="properties.colour", values="red\ngreen", severity="flag")
    )
    text = ada.get(f"{LIST}expectations.yaml").content.decode()
    changed = text.replace("red", "blue").replace("Orders carry money", "Money")

    assertRedirects(ada.post(LIST, {"file": SimpleUploadedFile("own.yaml", text.encode())}), LIST)
    same = ExpectationVersion.objects.count()
    assertRedirects(ada.post(LIST, {"text": changed}), LIST)

    assert same == 2
    rows = Expectation.objects.filter(is_archived=False).order_by("name").values_list("name", "version", "parameters")
    assert list(rows) == [("Colours", 2, {"values": ["blue", "green"]}), ("Money", 1, {"min": "0"})]
    assert Expectation.objects.get(name="Orders carry money").is_archived


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("  - name: a\n    kind: odd\n", "own.yaml:3: expectations.0.kind"),
        ("  - name: a\n    kind: range\n    field: properties.a\n", "own.yaml:2: Give a smallest"),
        ("  - kind: regex\n    name: a\n    field: properties.a\n    pattern: '(a'\n", "own.yaml:5: This pattern"),
        ("  - {name: a, kind: schema}\n  - {name: a, kind: schema}\n", "own.yaml:3: the name"),
        ("  - name: a\n    kind: schema\n    stream: Moon\n", "own.yaml:4: the property has no stream"),
        ("  - name: a\n    name: b\n", "own.yaml:3: &#x27;name&#x27; comes twice"),
        ("  [", "own.yaml:"),
        ("  name: a\n", "own.yaml:2: expectations: a mapping stands where a list belongs."),
        ("  - name: a\n    kind: in_set\n    field: properties.a\n    values: 5\n",
         "own.yaml:5: expectations.0.values: 5 stands where a list belongs."),
        ("  - name:\n    kind: schema\n", "own.yaml:2: expectations.0.name: nothing stands where a text belongs."),
        ("  - &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"  - &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)), "own.yaml"),
    ],
)  # fmt: skip
def test_file_that_is_wrong_names_the_line_and_changes_nothing(ada: Client, text: str, place: str) -> None:
    ada.post(NEW, filled())

    answer = ada.post(LIST, {"file": SimpleUploadedFile("own.yaml", f"expectations:\n{text}".encode())})

    assertContains(answer, place, status_code=422)
    assert Expectation.objects.filter(is_archived=False).count() == 1


def test_quality_page_shows_the_days_and_where_everything_is(ada: Client, send: Any, write: Any) -> None:
    assertContains(ada.get(ROOT), "Nothing is expected yet")
    ada.post(NEW, filled(min="6"))
    assertContains(ada.get(ROOT), "Nothing was checked in this period")
    send(*({"messageId": f"m{number}", "properties": {"revenue": number}} for number in range(8)))
    write()

    page = ada.get(f"{ROOT}?days=7").content.decode()

    assert "25.0" in page  # 2 of 8 passed the one expectation
    assert "Where every event is" in page
    assert "Waits in quarantine" in page


def test_event_is_found_looked_at_fixed_and_replayed_by_pages(
    company: Company, ada: Client, send: Any, write: Any, stored: Any, at_once: None,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    ada.post(NEW, filled(kind="in_set", field="properties.colour", values="red"))
    send({"messageId": "m/1", "properties": {"colour": "rot", "secret": "hush"}}, {"messageId": "m2"})
    write()
    assertContains(ada.get(QUARANTINE), "m/1")
    assertContains(ada.get(f"{QUARANTINE}?text=hush"), "m/1")
    assertContains(ada.get(f"{QUARANTINE}?text=nothing"), "Nothing was kept back")
    assertContains(ada.get(f"{QUARANTINE}item/?id=m/1"), "hush")
    fix = {"field": "properties.colour", "action": "mapping", "pairs": "rot = red", "is_kept": "on", "name": "colours"}
    assertContains(ada.post(QUARANTINE, {**fix, "do": "preview"}), "Changes 1 of the first 1")
    assertContains(ada.post(QUARANTINE, {**fix, "pairs": "rot", "do": "fix"}), "is no pair", status_code=422)

    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post(QUARANTINE, {**fix, "do": "fix", "chosen": ["m/1"]})
    write()

    run = Release.objects.get()
    assertRedirects(answer, f"{ROOT}releases/{run.pk}/")
    assertContains(ada.get(f"{ROOT}releases/{run.pk}/"), "Done")
    assert '"red"' in stored()["m/1"][0]
    assertContains(ada.get(f"{QUARANTINE}item/?id=m/1"), "Replayed")
    assertContains(ada.get(QUARANTINE), "colours")
    send({"messageId": "m3", "properties": {"colour": "rot"}})
    write()
    assert list(stored()["m3"][2]) == [FixRule.objects.get().pk]
    assertContains(ada.post(QUARANTINE, {"do": "replay"}), "No event of this selection waits", status_code=422)
    story = ada.get("/o/fernweh/p/shop/events/?message_id=m/1")
    assertContains(story, "Replayed")
    assertContains(ada.get("/o/fernweh/p/shop/events/?message_id=m3"), "Repaired")


def test_flag_is_a_stage_of_the_event(ada: Client, send: Any, write: Any) -> None:
    ada.post(NEW, filled(min="6", severity="flag"))
    send({"messageId": "m", "properties": {"revenue": 1}})
    write()

    story = ada.get("/o/fernweh/p/shop/events/?message_id=m")

    assertContains(story, "Flagged")
    assertContains(story, "Orders carry money")


def test_letters_of_a_payload_are_shown_and_signs_that_hide_or_turn_text_stay_escaped(
    ada: Client, send: Any, write: Any
) -> None:
    odd = {"ключ": "нет \\u0438 \u202e 🏔", "n": 10**20, "value": "much"}
    send({"messageId": "m", "event": "Заказ", "properties": odd})
    write()

    page = ada.get(f"{QUARANTINE}item/", {"id": "m"})

    payload = page.context["payload"]
    assert '"event": "Заказ"' in payload
    assert '"ключ": "нет \\\\u0438 \\u202e 🏔"' in payload
    assert "100000000000000000000" in payload


def test_release_says_in_words_what_was_done(
    company: Company, ada: Client, send: Any, write: Any, at_once: None
) -> None:
    ada.cookies["django_language"] = "ru"
    send({"messageId": "m", "properties": {"currency": "Euro", "value": 1}})
    write()
    fix = {"do": "fix", "field": "properties.currency", "action": "mapping", "pairs": "Euro = EUR"}
    ada.post(QUARANTINE, fix)

    page = ada.get(f"{ROOT}releases/{Release.objects.get().pk}/")

    assertContains(page, "<code>properties.currency</code> Заменить значения")
    assertContains(page, f"Повторная отправка #{Release.objects.get().pk}")


def test_discard_without_a_reason_does_nothing(ada: Client, send: Any, write: Any) -> None:
    ada.post(NEW, filled(kind="not_null", field="properties.colour"))
    send({"messageId": "m"})
    write()

    assertContains(ada.post(QUARANTINE, {"do": "discard", "note": " "}), "This field is required", status_code=422)
    assert not Release.objects.exists()


def test_who_may_what(company: Company, ada: Client, send: Any, write: Any) -> None:
    """An analyst changes expectations and replays nothing; a viewer looks; outsiders find nothing."""
    ada.post(NEW, filled(kind="not_null", field="properties.colour"))
    row = Expectation.objects.get()
    send({"messageId": "m"})
    write()
    viewer = User.objects.create_user("viewer@example.org")
    Membership.objects.create(organization=company.organization, user=viewer, role=Role.VIEWER)
    grace, looker, mallory = (company.client_of(one) for one in (company.grace, viewer, company.mallory))

    assert grace.post(f"{LIST}{row.pk}/", filled(kind="not_null", field="userId")).status_code == 302
    assert grace.post(QUARANTINE, {"do": "replay"}).status_code == 403
    assertNotContains(grace.get(QUARANTINE), 'value="replay"')
    assertContains(looker.get(f"{LIST}{row.pk}/"), "You can look at the expectations")
    assert looker.post(f"{LIST}{row.pk}/", filled()).status_code == 403
    assert looker.post(LIST, {"text": "expectations: []"}).status_code == 403
    for address in (ROOT, LIST, QUARANTINE, f"{LIST}{row.pk}/", f"{QUARANTINE}item/?id=m"):
        assert mallory.get(address).status_code == 404
    assert mallory.get(f"/o/cinder/p/shop/quality/expectations/{row.pk}/").status_code == 404
    assert mallory.get("/o/cinder/p/shop/quality/quarantine/item/?id=m").status_code == 404
    assertNotContains(mallory.get("/o/cinder/p/shop/quality/quarantine/"), "<code>m</code>")
    assert not Release.objects.exists()


def test_whoever_may_not_see_persons_reads_no_value_of_theirs(
    company: Company, ada: Client, send: Any, write: Any
) -> None:
    """What failed names its value, which a page for more readers showed; and so did the preview of a fix."""
    given = filled(kind="regex", field="userId", pattern="[0-9]+")
    ada.post(NEW, given)
    ada.post(NEW, {**given, "name": "Names", "field": "properties.customer.first_name"})
    who = {"customer": {"first_name": "Grace Hopper"}}
    send({"messageId": "m", "userId": "customer-7", "properties": who, "event": "Order Completed"})
    write()
    permissions = ["events.read", "quarantine.release", "reports.read"]
    role = CustomRole.objects.create(organization=company.organization, name="Mender", permissions=permissions)
    mender = User.objects.create_user("mender@example.org")
    Membership.objects.create(organization=company.organization, user=mender, custom_role=role)
    looker = company.client_of(mender)
    fix = {"do": "preview", "field": "properties.colour", "action": "default", "value": "red"}

    answers = [looker.get(QUARANTINE), looker.get(f"{QUARANTINE}item/?id=m"), looker.post(QUARANTINE, fix)]
    answers.append(looker.get("/o/fernweh/p/shop/events/?q=m&by=message"))

    for answer in answers:
        assertContains(answer, "Order Completed")
        assertNotContains(answer, "customer-7")
        assertNotContains(answer, "Grace Hopper")
    assertContains(answers[2], "first_name")
    assertContains(ada.get(f"{QUARANTINE}item/?id=m"), "Grace Hopper")


def test_hostile_searches_are_answered(ada: Client) -> None:
    """R11."""
    for query in (
        "page=0", "page=99999999999", "page=x", "message_id=%00", "text=%27%3B--", "first=2026-13-01", "state=x",
        "expectation_id=x", "event=%F0%9F%92%A9", "first=0001-01-01", "last=9999-12-31",
    ):  # fmt: skip
        assert ada.get(f"{QUARANTINE}?{query}").status_code == 200, query
    assert ada.get(f"{QUARANTINE}item/?id=%00").status_code == 404


def test_file_is_compared_before_anything_changes(ada: Client) -> None:
    """The file is in the text when it is looked at, so that the next click takes it in."""
    ada.post(NEW, filled())
    ada.post(NEW, filled(name="Colours", kind="in_set", field="properties.colour", values="red", severity="flag"))
    ada.post(NEW, filled(name="Gone"))
    text = ada.get(f"{LIST}expectations.yaml").content.decode()
    _before, _, rest = text.partition("- name: Gone")
    changed = text.replace(f"- name: Gone{rest.partition('- name:')[0]}", "").replace("- red", "- <b>blue</b>")
    changed += "- name: New\n  kind: volume\n"
    versions = ExpectationVersion.objects.count()

    answer = ada.post(LIST, {"file": SimpleUploadedFile("own.yaml", changed.encode()), "compare": "1"})

    page = answer.content.decode()
    compared = page[page.index('id="compared"') :].partition("</table>")[0]
    assert "3 expectations would change" in compared
    assert "Orders carry money" not in compared
    assert "<del>red</del> <ins>&lt;b&gt;blue&lt;/b&gt;</ins>" in compared
    assert "name: New" in page
    assert ExpectationVersion.objects.count() == versions
    assertContains(ada.post(LIST, {"text": text, "compare": "1"}), "Nothing would change")
    assertContains(ada.post(LIST, {"text": "expectations: [", "compare": "1"}), "expectations.yaml:", status_code=422)


def test_times_are_those_of_the_property(company: Company, ada: Client, send: Any, write: Any) -> None:
    """The days of the search are days of the property's zone, and so are the times beside it."""
    company.shop.time_zone = "Pacific/Kiritimati"
    company.shop.save()
    ada.post(NEW, filled(min="6"))
    send({"messageId": "m", "properties": {"revenue": 1}})
    write()
    there = timezone.now().astimezone(ZoneInfo("Pacific/Kiritimati"))

    for page in (f"{QUARANTINE}?first={there:%Y-%m-%d}", f"{QUARANTINE}item/?id=m"):
        html = ada.get(page).content.decode()
        assert f"{there:%b} {there.day}, {there.year}, {there.hour % 12 or 12}:" in html


def test_second_of_two_people_does_not_overwrite_the_first(company: Company, ada: Client) -> None:
    ada.post(NEW, filled())
    row = Expectation.objects.get()
    page = f"{LIST}{row.pk}/"
    assertContains(ada.get(page), '<input type="hidden" name="version" value="1"')
    assertRedirects(ada.post(page, filled(min="1", version="1")), LIST)

    late = ada.post(page, filled(min="2", version="1"))

    assertContains(late, "Somebody else changed it meanwhile", status_code=422)
    assert 'value="2"' in late.content.decode()
    assert Expectation.objects.get().parameters == {"min": "1"}
    assertContains(ada.get(LIST), "min: 1")


def test_event_that_is_due_to_be_learned_is_not_said_to_be_learned_in_the_past(company: Company, ada: Client) -> None:
    store(company, "old-", timezone.now() - timedelta(days=8), {"n": 1})
    store(company, "new-", timezone.now() - timedelta(hours=1), {"n": 1})

    assertContains(ada.get(f"{ROOT}schemas/"), "within the hour, once 20 have come")

    store(company, "more-", timezone.now() - timedelta(hours=2), *[{"n": 1}] * 20)

    page = ada.get(f"{ROOT}schemas/")
    assertContains(page, "within the hour")
    assertNotContains(page, "once 20 have come")
