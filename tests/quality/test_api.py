"""The API of data quality: keys with scopes, errors by field and by line, the same figures as the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.orgs import services as orgs
from apps.orgs.models import Role, ServiceAccount
from apps.quality import services, tasks
from apps.quality.models import Expectation, ExpectationVersion, Release
from tests.factories.company import Company
from tests.quality.test_schemas import store

pytestmark = pytest.mark.stores
WHOLE = {"name": "Orders", "kind": "range", "events": "Order*", "field": "properties.n", "parameters": {"max": 5}}


@pytest.fixture
def api(company: Company) -> Any:
    """Call the API with a key of Ada's organization."""
    account = ServiceAccount.objects.create(organization=company.organization, name="W", role=Role.ADMIN)
    scopes = ["events.read", "settings.read", "quality.change", "quarantine.release"]
    key = orgs.create_key(account=account, name="k", scopes=scopes, made_by=None).text
    client = Client(headers={"Authorization": f"Bearer {key}"})

    def call(method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        url = f"/api/v1/properties/{company.shop.pk}/{path}"
        given = query if method == "get" else body
        answer = getattr(client, method)(
            url, given, **({} if method == "get" else {"content_type": "application/json"})
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


def test_expectation_is_made_changed_and_archived(api: Any) -> None:
    status, made = api("post", "expectations/", WHOLE)
    assert (status, made["version"], made["severity"], made["stream"]) == (201, 1, "flag", None)
    one = f"expectations/{made['id']}/"

    assert api("put", one, {**WHOLE, "parameters": {"max": 6}})[1]["version"] == 2
    assert [row["name"] for row in api("get", "expectations/")[1]] == ["Orders"]
    assert api("delete", one)[0] == 204
    assert (api("get", one)[0], api("get", "expectations/")[1]) == (404, [])
    assert ExpectationVersion.objects.count() == 3


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"field": "x"}, "field"), ({"kind": "odd"}, "kind"), ({"parameters": {}}, "parameters"), ({"name": ""}, "name"),
     ({"stream": 1 << 40}, "stream"), ({"parameters": {"max": 5, "pattern": "a"}}, "parameters")],
)  # fmt: skip
def test_what_is_wrong_is_named(api: Any, fields: dict[str, Any], place: str) -> None:
    status, problem = api("post", "expectations/", {**WHOLE, **fields})

    assert status == 400
    assert place in str(problem)
    assert not Expectation.objects.exists()


def test_whole_set_is_exchanged_and_errors_name_lines(api: Any) -> None:
    api("post", "expectations/", WHOLE)
    text = api("get", "expectations/yaml/")[1]["yaml"]

    assert api("put", "expectations/yaml/", {"yaml": text})[1] == {
        "added": 0, "changed": 0, "archived": 0, "unchanged": 1
    }  # fmt: skip
    status, problem = api("put", "expectations/yaml/", {"yaml": text.replace("range", "odd")})
    assert (status, "expectations.yaml:3" in str(problem)) == (400, True)
    assert api("put", "expectations/yaml/", {"yaml": "expectations: []\n"})[1]["archived"] == 1


def test_quarantine_is_searched_and_released(
    company: Company, api: Any, send: Any, write: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks, "request_release", lambda release_id, _property_id: asked.append(release_id))
    api("post", "expectations/", {**WHOLE, "severity": "quarantine"})
    send(*({"messageId": f"m{number}", "properties": {"n": number}} for number in range(8)))
    write()
    day = timezone.now().date()
    days = {"from": day.replace(day=1).isoformat(), "to": day.replace(year=day.year + 1).isoformat()}

    quality = api("get", "quality/", **days)[1]
    found = api("get", "quarantine/", **days, event="order")[1]
    wrong = api("post", "quarantine/releases/", {"kind": "discard", "selection": days})
    fix = {"field": "properties.n", "action": "mapping", "parameters": {"values": {"6": 1}}}
    status, run = api("post", "quarantine/releases/", {"kind": "replay", "selection": days, "fix": fix})
    tasks.run_release(release_id=run["id"], property_id=company.shop.pk)
    write()

    assert quality["score"] == 75
    assert quality["events"] | {"received": 8, "stored": 6, "waiting": 2} == quality["events"]
    assert ({one["message_id"] for one in found["items"]}, found["states"]) == ({"m6", "m7"}, {"waiting": 2})
    assert (wrong[0], "note" in str(wrong[1])) == (400, True)
    assert (status, run["total"]) == (202, 2)
    assert api("get", f"quarantine/releases/{run['id']}/")[1]["status"] == "succeeded"
    assert "m6" in stored()
    assert api("get", "quarantine/", **days, state="failed_again")[1]["items"][0]["message_id"] == "m7"
    assert api("get", "quarantine/releases/")[1][0]["id"] == run["id"]


def test_hostile_questions_are_refused(api: Any) -> None:
    """R11."""
    for query in (
        {},
        {"from": "x", "to": "y"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "9999-12-30", "to": "9999-12-31"},
    ):
        assert api("get", "quality/", **query)[0] == 400, query
        assert api("get", "quarantine/", **query)[0] == 400, query
    assert api("put", "expectations/yaml/", {"yaml": "{" * 5_000})[0] == 400
    assert api("put", "expectations/yaml/", {"yaml": "\x00"})[0] == 400
    assert api("post", "expectations/", {**WHOLE, "name": "a\x00b"})[0] == 400


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("type", {"types": [{}]}), ("type", {"types": [["string"]]}), ("schema", {"reports": [{}]}),
     ("in_set", {"values": ["\x00"]}), ("in_set", {"values": ["\ud800"]}), ("regex", {"pattern": "\x00"}),
     ("regex", {"pattern": "\ud800"}), ("range", {"min": 1, "\x00": 1}), ("freshness", {"within": "\u0663h"})],
)  # fmt: skip
def test_hostile_parameters_are_refused(api: Any, kind: str, parameters: dict[str, Any]) -> None:
    """R11: what JSON can say and no store takes was a 500, by the API and as YAML."""
    field = "" if kind in {"schema", "freshness"} else "properties.n"
    status, problem = api("post", "expectations/", {**WHOLE, "kind": kind, "field": field, "parameters": parameters})

    assert (status, "parameters" in str(problem)) == (400, True)


@pytest.mark.parametrize("text", ['name: "a\\0b"', 'name: a, stream: "\\0"', 'name: a, "\\0": 1', 'name: "\\uD800"'])
def test_file_with_what_no_store_takes_names_the_line(api: Any, text: str) -> None:
    for method in ("put", "post"):
        whole = f"expectations:\n- {{{text}, kind: not_null, field: properties.a}}"
        status, problem = api(method, "expectations/yaml/", {"yaml": whole})
        assert (status, "expectations.yaml:2: " in str(problem)) == (400, True)


FIX = {"name": "Euro", "events": "Order*", "field": "properties.currency", "action": "mapping",
       "parameters": {"values": {"euro": "EUR"}}}  # fmt: skip


def test_fix_is_kept_changed_and_removed(api: Any) -> None:
    status, made = api("post", "fixes/", FIX)
    assert (status, made["enabled"], made["stream"]) == (201, True, None)
    one = f"fixes/{made['id']}/"

    assert api("put", one, {**FIX, "enabled": False})[1]["enabled"] is False
    assert api("get", "fixes/")[1] == [api("get", one)[1]]
    for wrong, place in (
        ({"parameters": {}}, "parameters"),
        ({"field": "x"}, "field"),
        ({"stream": 1 << 40}, "stream"),
        ({"parameters": {"values": {"a": "\x00"}}}, "parameters"),
        ({"parameters": {"values": {"\ud800": "a"}}}, "parameters"),
        ({"action": "rename", "parameters": {"to": "properties.currency.code"}}, "parameters"),
    ):
        status, problem = api("put", one, {**FIX, **wrong})
        assert (status, place in str(problem)) == (400, True)
    assert api("get", one)[1]["events"] == "Order*"
    assert (api("delete", one)[0], api("get", one)[0]) == (204, 404)


def test_schemas_are_read_with_their_drift_and_a_new_one_is_accepted(company: Company, api: Any) -> None:
    now = timezone.now()
    store(company, "old", now - timedelta(days=8), *[{"size": "M"}] * 20, name="Order")
    services.learn_schemas(property_id=company.shop.pk, now=now)
    store(company, "new", now - timedelta(hours=1), *[{"size": 4}] * 30, name="Order")
    services.learn_schemas(property_id=company.shop.pk, now=now)

    (listed,) = api("get", "schemas/")[1]
    one = f"schemas/{listed['id']}/"
    whole = api("get", one)[1]
    assert (whole["version"], whole["is_newest"], whole["events"]) == (1, True, 20)
    assert [(field["path"], field["types"]) for field in whole["fields_seen"]] == [("size", ["string"])]
    assert "changed_type" in {drift["kind"] for drift in whole["drifts"]}
    status, fresh = api("post", f"{one}accept/")
    assert (status, fresh["version"], fresh["drifts"]) == (201, 2, [])
    assert api("get", one)[1]["is_newest"] is False


def test_breaches_are_read_and_seen_and_only_people_are_mailed(company: Company, api: Any) -> None:
    api("post", "expectations/", {"name": "Come", "kind": "freshness", "parameters": {"within": "1h"}})
    services.watch_streams(property_id=company.shop.pk, time_zone="UTC", now=timezone.now() + timedelta(hours=2))

    (one,) = api("get", "quality/breaches/", open="true")[1]
    assert (one["name"], one["kind"], one["end"], one["highest"]) == ("Come", "freshness", "", 3600.0)
    assert api("post", f"quality/breaches/{one['id']}/seen/")[1]["seen_at"]
    assert api("post", "quality/breaches/999999/seen/")[0] == 404
    assert api("put", "quality/breaches/mail/", {"enabled": True})[0] == 400
    ada, url = company.client_of(company.ada), f"/api/v1/properties/{company.shop.pk}/quality/breaches/mail/"
    assert ada.put(url, {"enabled": True}, content_type="application/json").json() == {"enabled": True}
    assert ada.get(url).json() == {"enabled": True}


def test_whole_set_is_compared_and_changes_nothing(api: Any) -> None:
    api("post", "expectations/", {**WHOLE, "severity": "quarantine"})
    text = api("get", "expectations/yaml/")[1]["yaml"]
    versions = ExpectationVersion.objects.count()

    assert api("post", "expectations/yaml/", {"yaml": text}) == (200, {"changes": []})
    _status, found = api("post", "expectations/yaml/", {"yaml": text.replace("severity: quarantine\n", "")})
    assert found["changes"] == [
        {"name": WHOLE["name"], "what": "changed", "parts": [
            {"key": "severity", "before": "quarantine", "after": None},
        ]},
    ]  # fmt: skip
    gone = api("post", "expectations/yaml/", {"yaml": "expectations: []\n"})[1]["changes"]
    assert [(one["name"], one["what"]) for one in gone] == [(WHOLE["name"], "archived")]
    assert api("post", "expectations/yaml/", {"yaml": "["})[0] == 400
    assert ExpectationVersion.objects.count() == versions


def test_change_of_a_version_that_is_over_is_refused(api: Any) -> None:
    made = api("post", "expectations/", WHOLE)[1]
    path = f"expectations/{made['id']}/"

    assert api("put", path, {**WHOLE, "parameters": {"max": 6}, "version": 1})[1]["version"] == 2
    status, problem = api("put", path, {**WHOLE, "parameters": {"max": 7}, "version": 1})

    assert (status, "version" in str(problem)) == (400, True)
    assert api("get", path)[1]["parameters"] == {"max": 6}


def test_discard_is_taken_back_by_its_release_and_nobody_guesses_contents(
    api: Any, send: Any, write: Any, expect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key without `events.personal` must not learn what is inside by how many were found."""
    monkeypatch.setattr(tasks, "request_release", lambda *_: None)
    expect("not_null", "properties.colour")
    send({"messageId": "m", "properties": {"note": "hush"}})
    write()
    today = timezone.now().date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    discard = {"kind": "discard", "note": "x", "selection": days}

    assert api("post", "quarantine/releases/", {**discard, "selection": {**days, "text": "hush"}})[0] == 403
    assert api("get", "quarantine/", **days, text="hush")[0] == 403
    run = api("post", "quarantine/releases/", discard)[1]
    services.run_release(property_id=Release.objects.get().property_id, release_id=run["id"], clock=timezone.now)
    back = {"kind": "restore", "selection": {**days, "release_id": run["id"]}}

    assert api("post", "quarantine/releases/", back)[1]["total"] == 1
    none = {"kind": "restore", "selection": {**days, "release_id": run["id"] + 1}}
    assert api("post", "quarantine/releases/", none)[0] == 400
