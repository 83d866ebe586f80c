"""Generated bodies: from our own shapes, and from the OpenAPI document. No 5xx, and every event has an end (R9, R11).

`make test` sends about a thousand; `GENERATED_BODIES=100000 make generated` sends that many.
"""

import json
import os
import string
from base64 import b64encode
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
import yaml
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from apps.accounts.services import tokens
from apps.orgs import services
from apps.orgs.models import Role, ServiceAccount
from apps.shared.local.layout import ROOT
from tests.accounts.test_scim import GROUP, PATCH, USER
from tests.factories.company import Company, make_company
from tests.ingestion.processes import Process
from tests.ingestion.test_fuzz import Wire

BODIES = int(os.environ.get("GENERATED_BODIES", "1000"))
DOCUMENT = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: list[Any] = [found.ok() for found in SCHEMA.get_all_operations()]  # type: ignore[union-attr]
OF_DOOR = [one for one in OPERATIONS if not one.path.startswith("/api/")]
OF_WEB = [one for one in OPERATIONS if one.path.startswith("/api/")]
ENDS = {"accepted", "quarantined", "refused"}


def several(share: float) -> Any:
    """Return the settings of a test that sends *share* of all bodies."""
    return settings(
        max_examples=max(int(BODIES * share), 5),
        deadline=None,
        database=None,
        derandomize=BODIES <= 1_000,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


TEXT = st.text(max_size=40) | st.text(string.printable, max_size=8)
NUMBER = st.integers() | st.floats() | st.integers(-(10**40), 10**40)
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
TIME = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | NUMBER | TEXT
ID = st.text(string.ascii_letters, min_size=1, max_size=6) | SCALAR
KIND = st.sampled_from(
    ["track", "page", "screen", "identify", "group", "alias", "conversion", "click", "spend", "x", ""]
)


def object_of(**fields: Any) -> Any:
    """Return a strategy of objects with some of *fields*."""
    return st.fixed_dictionaries({}, optional=fields)


CONTEXT = object_of(
    page=object_of(url=TEXT, path=TEXT, referrer=TEXT, title=ANY) | ANY,
    campaign=object_of(source=TEXT, medium=TEXT, name=SCALAR, channel=SCALAR) | ANY,
    consent=object_of(tcf=TEXT, status=TEXT, purposes=st.dictionaries(TEXT, SCALAR), advertising=SCALAR) | ANY,
    ip=TEXT | ANY, userAgent=TEXT | ANY, device=ANY, os=ANY, locale=ANY, gpc=ANY,
)  # fmt: skip
EVENT = object_of(
    type=KIND | SCALAR, event=TEXT | ANY, name=TEXT | ANY, userId=ID, anonymousId=ID, messageId=ID, previousId=ID,
    groupId=ID, timestamp=TIME, originalTimestamp=TIME, sentAt=TIME, context=CONTEXT | ANY, writeKey=SCALAR,
    properties=object_of(revenue=SCALAR, value=SCALAR, currency=TEXT, order_id=SCALAR, url=TEXT) | ANY, traits=ANY,
    value=SCALAR, currency=SCALAR, date=SCALAR, cost=SCALAR, clickId=ID, orderId=ID, campaign=ANY,
)  # fmt: skip
HIT = object_of(
    client_id=ID, user_id=ID, timestamp_micros=TIME, user_properties=ANY, consent=ANY, ip_override=SCALAR,
    events=st.lists(object_of(name=TEXT, params=st.dictionaries(TEXT, ANY, max_size=4) | ANY) | ANY, max_size=4) | ANY,
)  # fmt: skip
EVENTS = st.lists(EVENT | ANY, max_size=5) | ANY
BODY = st.one_of(
    st.tuples(st.sampled_from(["track", "page", "screen", "identify", "group", "alias"]).map("/v1/{}".format), EVENT),
    st.tuples(st.just("/v1/batch"), object_of(batch=EVENTS, context=CONTEXT, sentAt=TIME)),
    st.tuples(st.just("/v1/events"), EVENT | object_of(events=EVENTS, sentAt=TIME)),
    st.tuples(st.sampled_from(["/mp/collect", "/debug/mp/collect"]), HIT | ANY),
    st.tuples(st.just("/v1/first-open"), object_of(clickId=ID, anonymousId=ID) | ANY),
)  # fmt: skip


def held(path: str, body: Any) -> int | None:
    """Return how many events a body holds, where it says so."""
    name = {"/v1/batch": "batch", "/v1/events": "events"}.get(path)
    events = body.get(name) if name and isinstance(body, dict) else None
    return len(events) if isinstance(events, list) else 1 if path != "/v1/batch" else None


@pytest.mark.stores
def test_every_generated_event_has_an_end(running_collect: Process, living_company: Company, valkey: None) -> None:
    key = living_company.shop.streams.get().write_key
    head = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
    wire, counts = Wire(running_collect.port), Counter[str]()

    @several(0.8)
    @given(BODY)
    def sends(case: tuple[str, Any]) -> None:
        path, body = case
        query = f"?api_secret={key}" if "mp/" in path else ""
        status, kind, answer = wire.ask("POST", path + query, json.dumps(body).encode(), head)
        counts[str(status)] += 1
        assert 200 <= status < 500, (path, body, answer)
        if status == 204 or "debug" in path or "first-open" in path:
            return
        document = json.loads(answer)
        if status != 200:
            assert kind == "application/problem+json"
            assert document["code"]
            assert document["detail"]
            counts["request refused"] += not document.get("errors")
        ends = document.get("results") or document.get("errors") or []
        assert {one["status"] for one in ends} <= ENDS
        if ends:  # else the whole request was refused, and its answer says why
            assert len(ends) == (held(path, body) if "mp/" not in path else len(body["events"])), (path, body, ends)
        counts.update(one["status"] for one in ends)

    sends()
    print(dict(counts))
    assert counts["accepted"]
    assert counts["refused"]


@pytest.mark.stores
@pytest.mark.parametrize("operation", OF_DOOR, ids=lambda one: one.label)
def test_document_of_the_door_generates_no_failure(
    running_collect: Process, living_company: Company, valkey: None, operation: Any
) -> None:
    key = living_company.shop.streams.get().write_key
    head = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
    here = f"http://127.0.0.1:{running_collect.port}"
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    with requests.Session() as session:

        @several(0.1 / len(OF_DOOR))
        @given(st.one_of(*modes))
        def sends(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url=here)
            sent["headers"] = {**{name: str(value) for name, value in (sent.get("headers") or {}).items()}, **head}
            answer = session.request(**sent, timeout=20, allow_redirects=False)
            assert answer.status_code < 500, (sent, answer.text)
            if answer.status_code >= 400 and answer.content and sent["method"] != "HEAD":
                # What is no HTTP at all the server refuses by itself, without a word.
                assert answer.json().get("code") or answer.json().get("error"), (sent, answer.text)

        sends()


@pytest.fixture
def known(db: None, valkey: None) -> tuple[Client, int]:
    """A program that may read, and the property that it may read of."""
    company = make_company()
    account = ServiceAccount.objects.create(organization=company.organization, name="P", role=Role.VIEWER)
    made = services.create_key(
        account=account, name="k", scopes=["reports.read", "journeys.read"], made_by=None, per_minute=10**6
    )
    return Client(headers={"authorization": f"Bearer {made.text}"}, raise_request_exception=False), company.shop.pk


@pytest.mark.stores
@pytest.mark.clickhouse
@pytest.mark.parametrize("operation", OF_WEB, ids=lambda one: one.label)
def test_document_of_the_api_generates_no_failure(clickhouse: None, known: tuple[Client, int], operation: Any) -> None:
    client, property_id = known
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @several(0.05 / len(OF_WEB))
    @given(st.one_of(*modes), st.booleans())
    def sends(case: Any, is_ours: bool) -> None:
        if is_ours and "property_id" in (case.path_parameters or {}):
            case.path_parameters["property_id"] = property_id
        sent = requests.Request(
            **{
                name: value
                for name, value in case.as_transport_kwargs(base_url="http://testserver").items()
                if name in ("method", "url", "params")
            }
        ).prepare()
        answer = client.generic(str(sent.method), sent.path_url)
        assert answer.status_code < 500, sent.path_url
        if answer.status_code >= 400 and "json" in answer["Content-Type"]:
            assert answer.json()["code"]

    sends()


SCIM_PATHS = [
    "Users",
    "Groups",
    "Users/1",
    "Groups/1",
    "Schemas",
    "ServiceProviderConfig",
    "ResourceTypes",
    "Bulk",
    "x",
]
RESOURCE = object_of(
    schemas=st.lists(st.sampled_from([USER, GROUP, PATCH]) | TEXT, max_size=3) | ANY, userName=TEXT | ANY,
    emails=st.lists(object_of(value=TEXT, primary=SCALAR) | ANY, max_size=2) | ANY, name=ANY, active=SCALAR,
    externalId=SCALAR, displayName=ANY, members=ANY,
    Operations=st.lists(object_of(op=st.sampled_from(["add", "remove", "replace"]), path=TEXT, value=ANY), max_size=3),
)  # fmt: skip


@pytest.mark.stores
@pytest.mark.django_db
def test_generated_provisioning_makes_no_failure(company: Company, valkey: None) -> None:
    _, token = tokens.make_token(organization=company.organization, made_by=company.ada)
    client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    asked = st.tuples(
        st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
        st.sampled_from(SCIM_PATHS),
        st.dictionaries(st.sampled_from(["filter", "startIndex", "count", "attributes", "sortBy"]), TEXT, max_size=2),
        RESOURCE | ANY,
    )

    @several(0.05)
    @given(asked)
    def sends(case: tuple[str, str, dict[str, str], Any]) -> None:
        method, path, query, body = case
        answer = client.generic(
            method, f"/scim/v2/{path}", json.dumps(body), content_type="application/scim+json",
            QUERY_STRING=urlencode(query, errors="replace"),
        )  # fmt: skip
        # 501 is the standard's own answer (RFC 7644) to what a provider says it does not offer.
        assert answer.status_code < 500 or (path, answer.status_code) == ("Bulk", 501), case

    sends()
