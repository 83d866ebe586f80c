"""Passwords, codes, second factors, sessions: through the same addresses that a browser asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.password_words import ProductWordsValidator
from apps.orgs.models import User
from tests.factories.company import PASSWORD, Company

LOGIN, HOME = "/accounts/login/", "/?all=1"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> Any:
    """Send the form of the sign-in page."""
    return client.post(LOGIN, {"login": email, "password": password, **extra})


def is_in(client: Client) -> bool:
    """Tell whether the start page lets the client in."""
    return client.get(HOME).status_code == 200


def totp_code(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return str(hotp_value(secret, next(yield_hotp_counters_from_time()))).zfill(6)


@pytest.fixture
def strangers_welcome(settings: Any) -> None:
    """Open the sign-up."""
    settings.ORGS_OPEN_SIGNUP = True


def test_strangers_make_no_account_unless_the_operator_says_so(company: Company) -> None:
    answer = Client().post(
        "/accounts/signup/", {"email": "eve@example.net", "password1": PASSWORD, "password2": PASSWORD}
    )

    assert "Accounts are by invitation" in answer.content.decode()
    assert not User.objects.filter(email="eve@example.net").exists()


def test_new_account_waits_for_the_code_sent_to_its_address(
    company: Company, strangers_welcome: None, code_for: Callable[[str], str]
) -> None:
    client = Client()
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})
    was_in_before = is_in(client)

    wrong = client.post("/accounts/confirm-email/", {"code": "WRONG1"})
    client.post("/accounts/confirm-email/", {"code": code_for("new@example.org")})

    assert not was_in_before
    assert "code" in wrong.context["verify_form"].errors
    assert is_in(client)
    assert EmailAddress.objects.get(email="new@example.org").verified


def test_sign_up_with_a_taken_address_looks_the_same_and_tells_its_owner(
    company: Company, strangers_welcome: None
) -> None:
    fields = {"password1": "another long phrase", "password2": "another long phrase"}
    fresh = Client().post("/accounts/signup/", {"email": "new@example.org", **fields})
    taken = Client().post("/accounts/signup/", {"email": "ada@example.org", **fields})

    assert (taken.status_code, taken.headers["Location"]) == (fresh.status_code, fresh.headers["Location"])
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert mail.outbox[-1].subject == "You have an account already"


def test_code_by_mail_signs_in_once_and_only_in_the_browser_that_asked(
    company: Company, code_for: Callable[[str], str]
) -> None:
    client, thief = Client(), Client()
    client.post("/accounts/login/code/", {"email": "ada@example.org"})
    code = code_for("ada@example.org")

    stolen = thief.post("/accounts/login/code/confirm/", {"code": code})
    client.post("/accounts/login/code/confirm/", {"code": code})
    again = Client()
    again.post("/accounts/login/code/", {"email": "ada@example.org"})
    again.post("/accounts/login/code/confirm/", {"code": code})

    assert stolen.status_code == 302
    assert not is_in(thief)
    assert is_in(client)
    assert not is_in(again)


def test_code_for_an_unknown_address_looks_like_one_for_a_known(company: Company) -> None:
    known = Client().post("/accounts/login/code/", {"email": "ada@example.org"})
    unknown = Client().post("/accounts/login/code/", {"email": "nobody@example.org"})

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert mail.outbox[-1].subject == "No account with this address"


def test_wrong_password_is_said_in_the_page_which_keeps_the_address(company: Company) -> None:
    page = sign_in(Client(), "ada@example.org", "wrong").content.decode()

    assert 'role="alert"' in page
    assert 'value="ada@example.org"' in page
    assert "wrong" not in page.partition('name="password"')[2][:200]


def test_authenticator_app_is_asked_for_and_its_secret_is_not_in_the_database(
    company: Company, django_capture_on_commit_callbacks: Any
) -> None:
    client = company.client_of(None)
    sign_in(client, "ada@example.org")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        stored = cursor.fetchone()[0]
    other = Client()
    step = sign_in(other, "ada@example.org")

    was_in_before = is_in(other)
    other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    is_in_with_wrong_code = is_in(other)

    assert secret not in stored
    assert step.headers["Location"] == "/accounts/2fa/authenticate/"
    assert (was_in_before, is_in_with_wrong_code) == (False, False)
    assert {one.subject for one in mail.outbox} == {"An authenticator app was added"}


def with_app(user: User) -> str:
    """Give *user* an authenticator app and recovery codes; return the app's secret."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def test_code_of_the_app_is_good_once(company: Company) -> None:
    code = totp_code(with_app(company.ada))
    first, second = Client(), Client()

    for client in (first, second):
        sign_in(client, "ada@example.org")
        client.post("/accounts/2fa/authenticate/", {"code": code})

    assert is_in(first)
    assert not is_in(second), "a code that somebody read over a shoulder is worth nothing"


def test_recovery_code_is_good_once(company: Company) -> None:
    with_app(company.ada)
    code = Authenticator.objects.get(user=company.ada, type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = Client(), Client()

    for client in (first, second):
        sign_in(client, "ada@example.org")
        client.post("/accounts/2fa/authenticate/", {"code": code})

    assert is_in(first)
    assert not is_in(second)


def test_taking_a_factor_off_asks_again_who_it_is(company: Company) -> None:
    with_app(company.ada)
    client = company.client_of(company.ada)

    answer = client.post("/accounts/2fa/totp/deactivate/")

    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    assert Authenticator.objects.filter(user=company.ada, type="totp").exists()


def test_signing_in_changes_the_session_so_that_a_planted_one_is_worth_nothing(company: Company) -> None:
    victim, attacker = Client(), Client()
    attacker.get(LOGIN)
    attacker.session.save()
    planted = attacker.session.session_key
    victim.cookies["sessionid"] = planted

    sign_in(victim, "ada@example.org")

    assert is_in(victim)
    assert victim.cookies["sessionid"].value != planted
    attacker.cookies["sessionid"] = planted
    assert not is_in(attacker)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"],
)
def test_nobody_is_led_away_after_signing_in(company: Company, address: str) -> None:
    signed_in = sign_in(Client(), "ada@example.org", next=address)
    entered = company.client_of(company.ada).get("/accounts/sso/", {"next": address})

    assert signed_in.headers["Location"] == "/"
    assert entered.context["onward"] == "/"


def test_one_can_end_own_sessions_elsewhere_and_nobody_elses(company: Company) -> None:
    here, there, mallory = Client(), Client(), Client()
    for client, email in ((here, "ada@example.org"), (there, "ada@example.org"), (mallory, "mallory@example.org")):
        sign_in(client, email)
        client.get(HOME)
    theirs = UserSession.objects.get(session_key=there.session.session_key)
    foreign = UserSession.objects.get(session_key=mallory.session.session_key)

    listed = here.get("/accounts/sessions/").content.decode()
    here.post(f"/accounts/sessions/{theirs.pk}/end/")
    refused = here.post(f"/accounts/sessions/{foreign.pk}/end/")

    assert f"/accounts/sessions/{theirs.pk}/end/" in listed
    assert f"/accounts/sessions/{foreign.pk}/end/" not in listed
    assert not is_in(there)
    assert refused.status_code == 404
    assert is_in(here)
    assert is_in(mallory)


@pytest.mark.parametrize("time", ["last_seen_at", "created_at"])
def test_idle_and_old_sessions_end(company: Company, settings: Any, time: str) -> None:
    client = Client()
    sign_in(client, "ada@example.org")
    assert is_in(client)
    limit = {"last_seen_at": settings.SESSION_IDLE, "created_at": settings.SESSION_LONGEST}[time]
    key = client.session.session_key

    UserSession.objects.filter(session_key=key).update(**{time: timezone.now() - limit + timedelta(minutes=1)})
    cache.delete(f"accounts:seen:{key}")
    assert is_in(client)
    UserSession.objects.filter(session_key=key).update(**{time: timezone.now() - limit - timedelta(minutes=1)})
    cache.delete(f"accounts:seen:{key}")
    assert not is_in(client)
    client.cookies["sessionid"] = key
    assert not is_in(client)


@pytest.mark.parametrize("password", ["Tributary2026!", "admin-admin-1234", "marketing12345", "WelcomeOwner99"])
def test_password_of_the_products_own_words_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="guessed at once"):
        ProductWordsValidator().validate(password)
    ProductWordsValidator().validate(f"{password} and a heron")
    ProductWordsValidator().validate("correct horse battery staple")


def test_long_password_of_any_letters_is_taken_as_it_is(company: Company) -> None:
    password = " Цапля над рекой 🪶 " + "x" * 60
    company.ada.set_password(password)
    company.ada.save()

    assert is_in_after(password)
    assert not is_in_after(password.lower())
    assert not is_in_after(password[:72])


def is_in_after(password: str) -> bool:
    """Tell whether Ada comes in with this password."""
    client = Client()
    sign_in(client, "ada@example.org", password=password)
    return is_in(client)


def test_many_wrong_passwords_lock_out_also_the_right_one_and_tell_the_owner_once(
    company: Company, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "100/m/ip,3/5m/key"}
    for _ in range(4):
        sign_in(Client(), "ada@example.org", "wrong")

    right = sign_in(Client(), "ada@example.org")
    other = Client()
    sign_in(other, "grace@example.org")

    assert right.status_code == 200
    assert "Too many failed login attempts" in right.content.decode()
    assert is_in(other), "the lock-out of one account is not one of all"
    notices = [one for one in mail.outbox if one.subject == "Somebody is trying passwords for your account"]
    assert [one.to for one in notices] == [["ada@example.org"]]
    assert "Address: 127.0.0.1" in notices[0].body


def test_guessing_from_one_address_is_slowed_down_over_all_accounts(company: Company, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip,100/m/key"}
    for number in range(3):
        sign_in(Client(), f"user{number}@example.org", "wrong")

    assert "Too many failed login attempts" in sign_in(Client(), "ada@example.org").content.decode()


def test_admin_has_no_door_of_its_own(company: Company) -> None:
    answer = Client().get("/admin/login/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_reset_link_works_once(company: Company) -> None:
    Client().post("/accounts/password/reset/", {"email": "ada@example.org"})
    link = next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("http://testserver/"))
    fields = {"password1": "a whole new phrase", "password2": "a whole new phrase"}
    client, late = Client(), Client()

    client.post(client.get(link).headers["Location"], fields)
    spent = late.get(link)

    assert "This link no longer works" in spent.content.decode()
    sign_in(client, "ada@example.org", "a whole new phrase")
    assert is_in(client)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/", "/accounts/login/code/", "/accounts/sso/", "/accounts/password/reset/", "/accounts/2fa/",
        "/accounts/sessions/", "/accounts/email/", "/accounts/password/change/",
    ],
)  # fmt: skip
def test_page_has_no_inline_script_or_style(company: Company, address: str, language: str) -> None:
    client = company.client_of(company.ada if "login" not in address else None)

    page = client.get(address, headers={"accept-language": language})

    text = page.content.decode()
    assert page.status_code == 200
    assert f'<html lang="{language}"' in text
    assert "style=" not in text
    assert "<script>" not in text
    assert "<label" in text or "usersessions" in text or "2fa" in address or "sessions" in address
