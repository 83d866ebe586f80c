"""Three people with confirmed addresses, and the mail that was sent."""

import re
from collections.abc import Callable

import pytest
from django.core import mail

from tests.factories.company import Company, make_company


@pytest.fixture
def company(stores: object, db: None, valkey: None) -> Company:
    """Ada, Grace and Mallory, who have confirmed their addresses."""
    return make_company()


@pytest.fixture
def code_for() -> Callable[[str], str]:
    """Return the code in the newest mail to an address."""

    def find(address: str) -> str:
        text = next(str(one.body) for one in reversed(mail.outbox) if one.to == [address])
        found = re.search(r"^    (\S+)$", text, flags=re.MULTILINE)
        assert found, text
        return found.group(1)

    return find
