"""Passkeys in a browser with a virtual authenticator: added, used instead of a password, used as a second factor."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.house import House

EMAIL, PASSWORD = "katherine@example.org", "correct horse battery staple"
MAKE = f"from apps.orgs import api; api.ensure_account(email={EMAIL!r}, password={PASSWORD!r})"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def at_localhost(page: Page, house: House) -> str:
    """The address at which a passkey may be used: a name, not an IP address."""
    return f"http://localhost:{house.layout.ports.web}"


@pytest.fixture
def device(page: Page) -> Iterator[CDPSession]:
    """A device with a fingerprint reader that always recognizes its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield session
    session.detach()


def sign_in(page: Page, at: str) -> None:
    """Send the form of the sign-in page."""
    page.goto(f"{at}/accounts/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def sign_out(page: Page, at: str) -> None:
    """Sign out by the menu."""
    page.goto(f"{at}/?all=1")
    page.locator(".menu--end summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def test_passkey_replaces_the_password_and_serves_as_second_factor(
    page: Page, house: House, at_localhost: str, device: CDPSession
) -> None:
    problems: list[Any] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    house.manage("shell", "-c", MAKE)
    sign_in(page, at_localhost)
    page.goto(f"{at_localhost}/accounts/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)  # who it is must be shown again first
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sign in with it alone")).to_be_checked()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    recovery_codes = page.locator("#recovery-codes").inner_text().split()

    sign_out(page, at_localhost)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Choose a property")).to_be_visible()

    sign_out(page, at_localhost)
    sign_in(page, at_localhost)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Choose a property")).to_be_visible()

    assert len(recovery_codes) == 10
    assert problems == []


def test_passkey_at_an_ip_address_says_why_it_cannot_be(page: Page, house: House, device: CDPSession) -> None:
    page.goto("/accounts/login/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.locator("[data-passkey-error=address]")).to_be_visible()
