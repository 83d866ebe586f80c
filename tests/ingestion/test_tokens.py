"""Tokens: Segment's third way to prove who sends. A client signs with its private key, and nobody else gets in (R5)."""

import hashlib
import hmac
import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker
from segment.analytics import Client as SegmentClient

from apps.ingestion import wiring
from apps.ingestion.domain import tokens
from apps.orgs import services
from apps.orgs.models import PublicKey, Stream
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.processes import Process, wait_until
from tests.packages import install_node_packages

NODE = Path(__file__).parent / "node"
HERE = "http://127.0.0.1:8001"
EVENT = {"userId": "ann", "event": "Order", "messageId": "m-1"}


def pair(key: Any = None) -> tuple[str, str]:
    """Return a private and a public key in PEM."""
    made = key or rsa.generate_private_key(65537, 2048)
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


PRIVATE, PUBLIC = pair()
OTHER, _ = pair()


def add_key(stream: Stream, pem: str = PUBLIC) -> PublicKey:
    return services.add_public_key(property_id=stream.property_id, stream_id=stream.pk, name="k", pem=pem, made_by=None)


@pytest.fixture
def registered(company: Company, valkey: None) -> PublicKey:
    """A public key of Ada's stream."""
    wiring.public_key_of().forget()
    return add_key(company.shop.streams.get())


def claims(key: PublicKey, **changes: Any) -> dict[str, Any]:
    name, now = key.stream.client_id(), int(time.time())
    said = {"iss": name, "sub": name, "aud": HERE, "iat": now - 5, "exp": now + 55, "jti": str(uuid.uuid4())}
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def form(key: PublicKey, *, private: str = PRIVATE, algorithm: str = "RS256", **changes: Any) -> dict[str, str]:
    signed = jwt.encode(claims(key, **changes), private, algorithm, headers={"kid": key.key_id})
    return {
        "grant_type": tokens.GRANT_TYPE,
        "client_assertion_type": tokens.ASSERTION_TYPE,
        "client_assertion": signed,
        "scope": tokens.SCOPE,
    }


def ask(door: Client, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
    body = "&".join(f"{name}={value}" for name, value in given.items())
    answer = door.post("/token", body, content_type="application/x-www-form-urlencoded")
    return answer.status_code, answer.json()


def send(door: Client, token: str, write_key: str) -> tuple[int, str]:
    body = json.dumps({**EVENT, "writeKey": write_key})
    answer = door.post("/v1/track", body, content_type="application/json", headers={"authorization": f"Bearer {token}"})
    return answer.status_code, answer.json().get("code", "")


def test_signed_assertion_gets_a_token_that_opens_its_stream(
    door: Client, key: str, registered: PublicKey, log: MemoryLog
) -> None:
    status, answer = ask(door, form(registered))

    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 900)
    assert send(door, answer["access_token"], key) == (200, "")
    assert len(log.entries) == 1
    registered.refresh_from_db()
    assert registered.last_used_at is not None


def test_elliptic_key_serves_as_well(door: Client, key: str, company: Company, valkey: None) -> None:
    private, public = pair(ec.generate_private_key(ec.SECP256R1()))
    row = add_key(company.shop.streams.get(), public)

    status, answer = ask(door, form(row, private=private, algorithm="ES256"))

    assert (status, send(door, answer["access_token"], key)) == (200, (200, ""))


def test_assertion_counts_once(door: Client, registered: PublicKey) -> None:
    given = form(registered)

    assert ask(door, given)[0] == 200
    status, answer = ask(door, given)
    assert (status, answer["error"]) == (401, "invalid_client")
    assert "used before" in answer["error_description"]


@pytest.mark.parametrize(
    ("changes", "status", "error", "words"),
    [
        ({"private": OTHER}, 401, "invalid_client", "not signed by this key"),
        ({"aud": "https://oauth2.segment.io"}, 401, "invalid_client", HERE),
        ({"sub": "stream-0"}, 401, "invalid_client", "client ID"),
        ({"iss": "stream-0"}, 401, "invalid_client", "client ID"),
        ({"exp": int(time.time()) - 60}, 400, "invalid_request", "Token is expired"),
        ({"iat": int(time.time()) + 3_600}, 400, "invalid_request", "Token used before issued"),
        ({"exp": int(time.time()) + 86_400}, 400, "invalid_request", "600 seconds"),
        ({"exp": "soon"}, 400, "invalid_request", "number of seconds"),
        ({"exp": 10**400}, 400, "invalid_request", "number of seconds"),
        ({"jti": None}, 400, "invalid_request", "lacks"),
        ({"exp": None}, 400, "invalid_request", "lacks"),
        ({"jti": "x" * 300}, 400, "invalid_request", "jti"),
    ],
)
def test_wrong_assertion_gets_its_own_words(
    door: Client, registered: PublicKey, changes: dict[str, Any], status: int, error: str, words: str
) -> None:
    got, answer = ask(door, form(registered, **changes))

    assert (got, answer["error"]) == (status, error)
    assert words in answer["error_description"]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, 400, "invalid_request"),
        ({"client_assertion": "x"}, 400, "invalid_request"),
        ({"client_assertion": "e30.e30.e30"}, 400, "invalid_request"),
        ({"client_assertion": "x" * 10_000}, 400, "invalid_request"),
        ({"client_assertion": "x" * 20_000}, 413, "invalid_request"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"client_id": "stream-0"}, 401, "invalid_client"),
    ],
)
def test_wrong_form_gets_its_own_words(
    door: Client, registered: PublicKey, changes: dict[str, str], status: int, error: str
) -> None:
    assert ask(door, {**form(registered), **changes})[0] == status
    assert ask(door, {**form(registered), **changes})[1]["error"] == error


def test_unsigned_and_self_signed_by_the_public_key_are_refused(door: Client, registered: PublicKey) -> None:
    """The classical attacks on JWT: no algorithm, and the public key as the secret of a symmetric one."""
    said, head = claims(registered), {"kid": registered.key_id}
    unsigned = jwt.encode(said, None, "none", headers=head)
    signing = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", **head}).encode())
    message = signing + b"." + jwt.utils.base64url_encode(json.dumps(said).encode())
    digest = hmac.new(PUBLIC.encode(), message, hashlib.sha256).digest()
    symmetric = (message + b"." + jwt.utils.base64url_encode(digest)).decode()

    for assertion in (unsigned, symmetric):
        status, answer = ask(door, {**form(registered), "client_assertion": assertion})
        assert (status, answer["error"]) == (401, "invalid_client")


def test_what_is_no_form_is_refused(door: Client) -> None:
    answer = door.post("/token", "{}", content_type="application/json")

    assert (answer.status_code, answer.json()["error"]) == (415, "invalid_request")
    assert door.get("/token").status_code == 405


def test_token_of_one_stream_opens_no_other(
    door: Client, key: str, company: Company, registered: PublicKey, log: MemoryLog
) -> None:
    token = ask(door, form(registered))[1]["access_token"]
    theirs = company.theirs.streams.get()

    assert send(door, token, theirs.write_key) == (401, "wrong_stream")
    assert send(door, token, "wk_unknown") == (401, "unknown_write_key")
    assert send(door, token[:-4] + "AAAA", key) == (401, "bad_token")
    assert send(door, "tat_nonsense", key) == (401, "bad_token")
    assert not log.entries


def test_token_ends_by_itself_and_with_its_key(door: Client, key: str, registered: PublicKey) -> None:
    token = ask(door, form(registered))[1]["access_token"]
    with time_machine.travel(time.time() + tokens.LIFETIME + 1):
        assert send(door, token, key) == (401, "expired_token")
    assert send(door, token, key) == (200, "")

    stream = registered.stream
    services.revoke_public_key(property_id=stream.property_id, stream_id=stream.pk, public_key_id=registered.pk)
    wiring.stream_of().forget()
    assert send(door, token, key) == (401, "revoked_token")
    wiring.public_key_of().forget()
    assert ask(door, form(registered))[0] == 401


def test_stream_that_wants_a_token_refuses_its_write_key_alone(
    door: Client, key: str, registered: PublicKey, log: MemoryLog
) -> None:
    stream = registered.stream
    token = ask(door, form(registered))[1]["access_token"]
    services.require_token(property_id=stream.property_id, stream_id=stream.pk, is_required=True)
    wiring.stream_of().forget()
    body = json.dumps({**EVENT, "writeKey": key, "type": "track"})
    ways = [
        ("/v1/track", body), ("/v1/batch", json.dumps({"batch": [EVENT], "writeKey": key})),
        ("/v1/events", json.dumps({"type": "conversion", "event": "Sale", "userId": "u", "writeKey": key})),
        (f"/mp/collect?api_secret={key}", json.dumps({"client_id": "c", "events": [{"name": "e"}]})),
        ("/v1/first-open", json.dumps({"clickId": "c", "anonymousId": "a", "writeKey": key})),
    ]  # fmt: skip
    for path, sent in ways:
        answer = door.post(path, sent, content_type="application/json")
        assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "token_required")
    answer = door.post("/v1/track", body, content_type="application/json", headers={"authorization": "Bearer other"})
    assert answer.status_code == 401
    assert not log.entries

    assert send(door, token, key) == (200, "")
    answer = door.post(*ways[2], content_type="application/json", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_token_is_read_without_postgresql(
    door: Client, key: str, registered: PublicKey, django_assert_num_queries: Any
) -> None:
    token = ask(door, form(registered))[1]["access_token"]
    assert send(door, token, key) == (200, "")

    with django_assert_num_queries(0):
        assert send(door, token, key) == (200, "")


def test_without_the_memory_of_assertions_nobody_gets_a_token(
    door: Client, registered: PublicKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.ingestion.adapters.valkey_marks import ValkeyMarks

    monkeypatch.setattr(wiring, "assertions", lambda: ValkeyMarks("redis://127.0.0.1:1/0", prefix="t"))

    status, answer = ask(door, form(registered))

    assert (status, answer["error"]) == (503, "temporarily_unavailable")


# Segment's own clients, unmodified, against a real door.


@pytest.fixture(scope="module")
def living_key(living_company: Company, django_db_blocker: DjangoDbBlocker) -> PublicKey:
    """A key of a stream that wants tokens; it goes with the company."""
    with django_db_blocker.unblock():
        row = add_key(living_company.shop.streams.get())
        services.require_token(property_id=living_company.shop.pk, stream_id=row.stream_id, is_required=True)
        connections["default"].close()
    return row


def rows_of(company: Company, name: str) -> int:
    sql = "SELECT count() FROM events WHERE property_id = {property_id:UInt64} AND name = {name:String}"
    return clickhouse.select(sql, int, property_id=company.shop.pk, name=name)[0]


@pytest.mark.stores
@pytest.mark.clickhouse
@pytest.mark.parametrize("hours", [0, 5], ids=["right clock", "clock ahead by 5 hours"])
def test_python_client_gets_tokens_and_delivers(
    living_company: Company, running_collect: Process, running_writer: Process, living_key: PublicKey, hours: int
) -> None:
    errors: list[object] = []
    here = f"http://127.0.0.1:{running_collect.port}"
    stream = living_key.stream
    name = f"By token {hours}"
    with time_machine.travel(time.time() + hours * 3_600, tick=True):
        client = SegmentClient(
            stream.write_key,
            host=here,
            on_error=lambda error, items: errors.append((error, items)),
            max_retries=3,
            oauth_client_id=stream.client_id(),
            oauth_client_key=PRIVATE,
            oauth_key_id=living_key.key_id,
            oauth_auth_server=here,
        )
        client.track("ann", name)
        client.shutdown()

    assert errors == []
    wait_until(lambda: rows_of(living_company, name) == 1, 30, running_writer.said)


@pytest.mark.stores
@pytest.mark.clickhouse
def test_node_client_gets_tokens_and_delivers(
    living_company: Company, running_collect: Process, running_writer: Process, living_key: PublicKey
) -> None:
    install_node_packages(NODE)
    here = f"http://127.0.0.1:{running_collect.port}"
    stream = living_key.stream
    environment = {
        **os.environ, "HOST": here, "WRITE_KEY": stream.write_key, "CLIENT_ID": stream.client_id(),
        "CLIENT_KEY": PRIVATE, "KEY_ID": living_key.key_id,
    }  # fmt: skip

    done = subprocess.run(
        ["node", str(NODE / "oauth.mjs")], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"delivered": 1, "errors": [], "scheme": "Bearer tat_"}
    wait_until(lambda: rows_of(living_company, "By node") == 1, 30, running_writer.said)
