"""API keys: shown once, kept as a hash, no stronger than their program, ended at once; and write keys of streams."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.orgs import queries, services
from apps.orgs.models import ApiKey, Property, RetiredKey, Role, ServiceAccount, Stream
from apps.shared import token_bucket
from tests.factories.company import Company

Key = services.NewKey


@pytest.fixture
def account(company: Company) -> ServiceAccount:
    """The warehouse job of Ada's company."""
    return ServiceAccount.objects.create(organization=company.organization, name="Warehouse", role=Role.VIEWER)


def key(account: ServiceAccount, *scopes: str, **options: Any) -> Key:
    given = {"name": "nightly", "scopes": scopes or ("reports.read",), "made_by": None, **options}
    return services.create_key(account=account, **given)


def ask(text: str, path: str = "me/", **extra: Any) -> Any:
    return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {text}"}, **extra)


def test_key_says_who_it_is_and_what_it_may(account: ServiceAccount, valkey: None) -> None:
    answer = ask(key(account, "reports.read", "events.read", "members.change", "organization.own").text)

    assert answer.status_code == 200
    assert answer.json() == {
        "kind": "key",
        "name": "Warehouse",
        "organization": "fernweh",
        "permissions": ["events.read", "reports.read"],  # a viewer's program changes no members, whatever the scope
        "limits": {"sources": [], "countries": []},
        "expires_at": None,
    }


def test_only_prefix_and_hash_are_kept(account: ServiceAccount) -> None:
    made = key(account)

    kept = str(ApiKey.objects.values().get())
    assert made.text.startswith(f"{made.row.prefix}_")
    assert made.text.split("_", 2)[2] not in kept
    assert len(made.text) >= 54


@pytest.mark.parametrize("change", ["", "x", "tk_", "wk_", "\0", "tk_00000000_" + "a" * 43, "ü" * 40])
def test_what_is_no_key_opens_nothing(account: ServiceAccount, valkey: None, change: str) -> None:
    good = key(account).text
    for text in (change, good + "x", good[:-1], good.upper(), good.replace("tk_", "tk-")):
        answer = Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {text}")
        assert answer.status_code == 401, text
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer["Content-Type"].startswith("application/problem+json")


def test_revoked_expired_and_switched_off_keys_get_the_same_answer(account: ServiceAccount, valkey: None) -> None:
    revoked, expired = key(account), key(account, expires_at=timezone.now() - timedelta(seconds=1))
    services.revoke_api_key(revoked.row, now=timezone.now())
    idle = ServiceAccount.objects.create(
        organization=account.organization, name="Idle", role=Role.VIEWER, is_active=False
    )
    answers = [ask(one.text) for one in (revoked, expired, key(idle))] + [ask("tk_00000000_nothing")]

    bodies = {answer.content.replace(answer["X-Request-ID"].encode(), b"") for answer in answers}
    assert [answer.status_code for answer in answers] == [401] * 4
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [(["192.0.2.0/24"], "192.0.2.7", 200), (["192.0.2.0/24"], "198.51.100.1", 401), (["192.0.2.7"], "192.0.2.7", 200),
     (["2001:db8::/32"], "2001:db8::1", 200), (["2001:db8::/32"], "192.0.2.7", 401), (["192.0.2.7"], "", 401)],
)  # fmt: skip
def test_key_works_from_its_addresses_alone(
    account: ServiceAccount, valkey: None, networks: list[str], address: str, status: int
) -> None:
    assert ask(key(account, networks=networks).text, REMOTE_ADDR=address).status_code == status


def test_address_cannot_be_claimed_in_a_header(account: ServiceAccount, valkey: None, settings: Any) -> None:
    text = key(account, networks=["192.0.2.7"]).text

    assert ask(text, REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="192.0.2.7").status_code == 401
    settings.ORGS_TRUSTED_PROXIES = 1
    assert ask(text, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.7, 198.51.100.1").status_code == 401
    assert ask(text, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.7").status_code == 200


def test_use_is_noted(account: ServiceAccount, valkey: None) -> None:
    made = key(account)
    ask(made.text, REMOTE_ADDR="192.0.2.7")

    made.row.refresh_from_db()
    assert made.row.last_used_from == "192.0.2.7"
    assert timezone.now() - made.row.last_used_at < timedelta(minutes=1)


def test_rotated_key_leaves_time_to_change_over(account: ServiceAccount, valkey: None) -> None:
    old = key(account)
    new = services.rotate_api_key(old.row, made_by=None, now=timezone.now())

    assert [ask(one.text).status_code for one in (old, new)] == [200, 200]
    with time_machine.travel(timezone.now() + services.keys.OVERLAP + timedelta(seconds=1)):
        assert [ask(one.text).status_code for one in (old, new)] == [401, 200]


def test_each_key_has_a_limit_of_its_own(account: ServiceAccount, valkey: None) -> None:
    slow, other = key(account, per_minute=3), key(account)
    answers = [ask(slow.text) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Limit"] == "3"
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 1 <= int(answers[3]["Retry-After"]) <= 20
    assert ask(other.text).status_code == 200


def test_bucket_fills_with_time_and_not_beyond_its_brim(stores: object, valkey: None) -> None:
    taken = [token_bucket.take("t", per_minute=1200).is_allowed for _ in range(1300)]
    import time

    time.sleep(0.2)

    assert 1200 <= sum(taken) < 1300
    assert token_bucket.take("t", per_minute=1200).is_allowed


def test_bucket_that_cannot_be_reached_stops_nobody(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    token_bucket._client.cache_clear()
    try:
        assert token_bucket.take("t", per_minute=1).is_allowed
    finally:
        token_bucket._client.cache_clear()


def test_key_sees_its_own_organization_alone(company: Company, account: ServiceAccount, valkey: None) -> None:
    text = key(account).text

    assert [row["organization"] for row in ask(text, "properties/").json()] == ["fernweh"]
    assert ask(text, f"properties/{company.theirs.pk}/credit/?from=2026-01-01&to=2026-01-02").status_code == 404
    assert ask(text, "properties/999999/credit/?from=2026-01-01&to=2026-01-02").status_code == 404


def test_key_without_the_scope_is_refused(company: Company, account: ServiceAccount, valkey: None) -> None:
    text = key(account, "events.read").text

    assert ask(text, f"properties/{company.shop.pk}/credit/?from=2026-01-01&to=2026-01-02").status_code == 403


def test_key_of_some_properties_finds_no_other(company: Company, valkey: None) -> None:
    app = services.create_property(
        organization=company.organization, name="App", slug="app", time_zone="UTC", currency="USD", made_by=None
    )
    account = ServiceAccount.objects.create(
        organization=company.organization, name="App only", role=Role.VIEWER, property_ids=[app.pk]
    )
    text = key(account).text

    assert [row["slug"] for row in ask(text, "properties/").json()] == ["app"]
    assert ask(text, f"properties/{company.shop.pk}/credit/?from=2026-01-01&to=2026-01-02").status_code == 404


def test_key_opens_no_page_and_no_admin(account: ServiceAccount, valkey: None) -> None:
    text = key(account).text

    for path in ("/", "/o/fernweh/members/", "/o/fernweh/p/shop/settings/", "/admin/"):
        answer = Client().get(path, headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 302, path
        assert "login" in answer["Location"]


def test_page_shows_a_key_once(company: Company, account: ServiceAccount) -> None:
    client, url = company.client_of(company.ada), f"/o/fernweh/programs/{account.pk}/"
    form = {"name": "nightly", "scopes": ["reports.read"], "days": "90", "networks": "192.0.2.7", "per_minute": "60"}

    made = client.post(url, form)

    row = ApiKey.objects.get()
    assert f"{row.prefix}_" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert f"{row.prefix}_" not in client.get(url).content.decode()
    assert (row.scopes, row.networks, row.per_minute) == (["reports.read"], ["192.0.2.7/32"], 60)


@pytest.mark.parametrize(
    ("field", "value"),
    [("networks", "somewhere"), ("per_minute", "0"), ("scopes", "organization.own"), ("scopes", "members.change"),
     ("days", "12345"), ("name", "")],
)  # fmt: skip
def test_bad_key_is_refused_beside_its_field(company: Company, account: ServiceAccount, field: str, value: str) -> None:
    form = {"name": "n", "scopes": ["reports.read"], "days": "90", "networks": "", "per_minute": "60"}

    answer = company.client_of(company.ada).post(f"/o/fernweh/programs/{account.pk}/", form | {field: value})

    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_developer_makes_no_program_that_may_more(company: Company) -> None:
    from apps.orgs.models import Membership

    Membership.objects.filter(user=company.grace).update(role=Role.DEVELOPER)

    refused = company.client_of(company.grace).post("/o/fernweh/programs/", {"name": "x", "role": "admin"})

    assert refused.status_code == 422
    assert not ServiceAccount.objects.exists()


def test_foreign_program_and_key_are_not_there(company: Company, account: ServiceAccount) -> None:
    made, mallory = key(account), company.client_of(company.mallory)
    theirs = ServiceAccount.objects.create(organization=company.theirs.organization, name="Theirs", role=Role.VIEWER)

    for path in (
        f"{account.pk}/",
        f"{theirs.pk}/keys/{made.row.pk}/revoke/",
        f"{account.pk}/keys/{made.row.pk}/rotate/",
    ):
        assert mallory.post(f"/o/cinder/programs/{path}").status_code == 404
    made.row.refresh_from_db()
    assert made.row.revoked_at is None


def test_rotated_write_key_is_accepted_with_the_one_before_until_it_is_revoked(company: Company) -> None:
    stream, client = company.shop.streams.get(), company.client_of(company.ada)
    before = stream.write_key
    base = "/o/fernweh/p/shop/streams/"

    client.post(f"{base}{stream.pk}/rotate/")

    after = Stream.objects.get(pk=stream.pk).write_key
    assert after != before
    assert {queries.stream_by_write_key(one).id for one in (before, after)} == {stream.pk}  # type: ignore[union-attr]
    client.post(f"{base}keys/{RetiredKey.objects.get().pk}/revoke/")
    assert queries.stream_by_write_key(before) is None
    assert queries.stream_by_write_key(after) is not None


def test_overlap_of_a_write_key_ends_by_itself(company: Company) -> None:
    stream = company.shop.streams.get()
    services.rotate_key(property_id=company.shop.pk, stream_id=stream.pk, now=timezone.now())

    with time_machine.travel(timezone.now() + services.streams.OVERLAP + timedelta(seconds=1)):
        assert queries.stream_by_write_key(stream.write_key) is None


def test_door_notes_when_a_write_key_was_used(company: Company) -> None:
    from apps.ingestion import wiring

    stream = company.shop.streams.get()
    wiring._opened(stream.write_key)
    services.rotate_key(property_id=company.shop.pk, stream_id=stream.pk, now=timezone.now())
    RetiredKey.objects.update(last_used_at=None)
    wiring._opened(stream.write_key)

    assert RetiredKey.objects.get().last_used_at is not None
    assert Stream.objects.get(pk=stream.pk).last_used_at is None


def test_write_keys_are_shown_and_changed_by_those_who_may(company: Company) -> None:
    from apps.orgs.models import Membership

    stream = company.shop.streams.get()
    theirs = company.theirs.streams.get()
    for role, shown, status in ((Role.VIEWER, False, 403), (Role.ANALYST, True, 403), (Role.DEVELOPER, True, 302)):
        Membership.objects.filter(user=company.grace).update(role=role)
        client = company.client_of(company.grace)
        assert (stream.write_key in client.get("/o/fernweh/p/shop/settings/").content.decode()) is shown
        assert client.post(f"/o/fernweh/p/shop/streams/{theirs.pk}/rotate/").status_code in (403, 404)
        answer = client.post(f"/o/fernweh/p/shop/streams/{stream.pk}/switch/", {"active": "0"})
        assert answer.status_code == status
    assert queries.stream_by_write_key(stream.write_key) is None
    assert Property.objects.filter(streams=theirs, streams__write_key=theirs.write_key).exists()
