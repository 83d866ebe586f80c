"""Secrets at rest."""

from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import IdentityProvider
from apps.shared import encryption
from tests.factories.company import Company


def stored(column: str) -> str:
    """Return what PostgreSQL really holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_identityprovider")
        return str(cursor.fetchone()[0])


@pytest.fixture
def provider(company: Company) -> IdentityProvider:
    """An identity provider with a secret."""
    return IdentityProvider.objects.create(
        organization=company.organization, name="Northwind", client_id="tributary", client_secret="opensesame"
    )


def test_secret_is_text_in_python_and_none_in_the_database(provider: IdentityProvider) -> None:
    provider.refresh_from_db()

    assert provider.client_secret == "opensesame"
    assert "opensesame" not in stored("client_secret")
    assert stored("certificates") == ""


def test_secret_cannot_be_searched(provider: IdentityProvider) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        IdentityProvider.objects.filter(client_secret="opensesame").exists()


def test_keys_change_without_losing_a_secret(provider: IdentityProvider, settings: Any) -> None:
    settings.SECRETS_KEYS = ["new", settings.SECRET_KEY]
    call_command("rotate_secrets", verbosity=0)
    settings.SECRETS_KEYS = ["new"]

    provider.refresh_from_db()

    assert provider.client_secret == "opensesame"


def test_secret_under_a_lost_key_says_what_to_do(settings: Any) -> None:
    token = encryption.encrypt("opensesame")
    settings.SECRETS_KEYS = ["another"]

    with pytest.raises(encryption.Undecipherable, match="SECRETS_KEYS"):
        encryption.decrypt(token)
