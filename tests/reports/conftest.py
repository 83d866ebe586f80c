"""The company of the tests."""

import pytest

from tests.factories.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    """Ada, Grace and Mallory with a property on each side."""
    return make_company()
