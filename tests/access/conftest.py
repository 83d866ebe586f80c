"""The company of the tests, and the role that the product signs in with."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests.factories.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    """Ada, Grace and Mallory with a property on each side."""
    return make_company()


@pytest.fixture
def raw(stores: object) -> Iterator[psycopg.Connection]:
    """Connect to PostgreSQL as the product does, without any of its code."""
    known = connection.settings_dict
    with psycopg.connect(
        host=known["HOST"], port=known["PORT"], user=known["USER"], password=known["PASSWORD"], dbname=known["NAME"]
    ) as one:
        yield one
