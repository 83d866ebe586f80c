"""Mail: composed in both languages, sent through a real SMTP server, kept while there is none."""

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import allauth
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.core import mail as django_mail
from django.db import connection
from django.utils import timezone

from apps.shared import mail
from apps.shared.local.ports import free_port
from apps.shared.models import Mail
from tests.factories.company import Company

ALLAUTH = Path(allauth.__file__).parent / "templates"
OURS = Path("templates/mail")
NOT_USED = {"password_reset_code", "base", "base_notification"}
FACTS = {
    "email": "ada@example.org", "code": "QX7-PLM", "password_reset_url": "https://t.example/r/1?a=1&b=2",
    "ip": "192.0.2.7", "user_agent": "Firefox", "timestamp": timezone.now(), "person": "Grace", "changes": "none",
    "organization": "Fernweh & Söhne <b>", "from_email": "a@b.example", "to_email": "c@d.example",
    "deleted_email": "e@f.example", "url": "https://t.example/o/fernweh/",
    "breach": {"measured": 3, "lowest": 40, "highest": 90, "begun_at": timezone.now()}, "property": "Shop",
    "expectation": {"name": "Visitors keep coming"}, "time_zone": "Europe/Berlin",
}  # fmt: skip
MESSAGES = sorted(file.stem for file in OURS.glob("*.html"))


class Postbox:
    """An SMTP server that keeps what it gets, or refuses."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.is_refusing = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Take a message."""
        if self.is_refusing:
            return "451 come back later"
        self.envelopes.append(envelope)
        return "250 OK"

    def message(self) -> EmailMessage:
        """Return the newest message, parsed as a mail program would."""
        return email.message_from_bytes(self.envelopes[-1].content, policy=policy.default)  # type: ignore[return-value]


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A running mail server that the settings name."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()


def test_every_message_of_allauth_has_one_of_ours() -> None:
    theirs = {re.sub(r"_(message|subject)$", "", file.stem) for file in ALLAUTH.glob("*/email/*.txt")}

    assert theirs - NOT_USED <= set(MESSAGES) | {"email_confirm"}
    assert theirs - NOT_USED - set(MESSAGES) == set()


@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_whole_in_both_languages_and_asks_nobody_outside(name: str) -> None:
    english, russian = (mail.compose(name, FACTS, language) for language in ("en", "ru"))

    for one in (english, russian):
        assert one.subject
        assert "\n" not in one.subject
        assert len(one.text) > 40
        assert one.html.startswith("<!DOCTYPE html>")
        assert set(re.findall(r"https?://[^/\s\"'<]+", one.html)) <= {"https://t.example", "http://www.w3.org"}
        assert "<script" not in one.html
        assert "{{" not in one.html + one.text
    assert english.subject != russian.subject
    assert re.search("[а-яё]", russian.text)


def test_value_from_a_person_stays_text() -> None:
    composed = mail.compose("sign_in_rules_changed", FACTS | {"person": "<img src=x onerror=alert(1)>"}, "en")

    assert "<img src=x" not in composed.html
    assert "&lt;img src=x" in composed.html
    assert "<img src=x onerror=alert(1)>" in composed.text
    assert composed.subject == "The sign-in rules of Fernweh & Söhne <b> changed"


def test_line_break_in_a_value_adds_no_header(company: Company, postbox: Postbox) -> None:
    hostile = "Fernweh\r\nBcc: victim@example.net\r\n\r\nBuy"

    mail.send("sign_in_rules_changed", to="ada@example.org", context=FACTS | {"organization": hostile})

    message = postbox.message()
    assert message["Bcc"] is None
    assert postbox.envelopes[-1].rcpt_tos == ["ada@example.org"]
    assert message["Subject"] == "The sign-in rules of Fernweh Bcc: victim@example.net Buy changed"


def test_sent_message_has_text_and_page_and_is_then_forgotten(company: Company, postbox: Postbox) -> None:
    row = mail.send("login_code", to="ada@example.org", context={"code": "QX7-PLM"})

    message = postbox.message()
    kinds = [part.get_content_type() for part in message.iter_parts()]
    row.refresh_from_db()
    assert message["To"] == "ada@example.org"
    assert kinds == ["text/plain", "text/html"]
    assert "QX7-PLM" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert row.sent_at is not None
    assert (row.text, row.html) == ("", "")


def test_message_waits_encrypted_while_the_server_refuses_and_goes_out_later(
    company: Company, postbox: Postbox
) -> None:
    postbox.is_refusing = True
    row = mail.send("login_code", to="ada@example.org", context={"code": "QX7-PLM"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT text || html FROM shared_mail WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]

    postbox.is_refusing = False
    sent = mail.send_waiting()

    assert "QX7-PLM" not in stored
    assert sent == 1
    assert "QX7-PLM" in str(postbox.message())
    assert mail.send_waiting() == 0


def test_sign_in_page_does_not_break_without_a_mail_server(company: Company, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    answer = company.client_of(None).post("/accounts/login/code/", {"email": "ada@example.org"})

    assert answer.status_code == 302
    assert Mail.objects.get().failure.startswith("ConnectionRefusedError")


def test_mail_page_is_for_development_and_shows_members_their_own_mail(company: Company, settings: Any) -> None:
    settings.ACCOUNTS_MAIL_PAGE = True
    row = mail.send("login_code", to="ada@example.org", context={"code": "QX7-PLM"})
    ada, grace = company.client_of(company.ada), company.client_of(company.grace)

    page = ada.get(f"/mail/{row.pk}/page/")

    assert "QX7-PLM" in ada.get(f"/mail/{row.pk}/").content.decode()
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert grace.get(f"/mail/{row.pk}/").status_code == 404
    assert "Your sign-in code" not in grace.get("/mail/").content.decode()
    company.grace.is_staff = True
    company.grace.save()
    assert "Your sign-in code" in grace.get("/mail/").content.decode()
    settings.ACCOUNTS_MAIL_PAGE = False
    assert ada.get("/mail/").status_code == 404
    assert len(django_mail.outbox) == 1
