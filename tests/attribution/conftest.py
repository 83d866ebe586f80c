"""A property to measure."""

import pytest

from apps.orgs import services as orgs
from apps.orgs.models import User


@pytest.fixture
def ada(db: None) -> User:
    """Ada owns the organization."""
    return User.objects.create_user("ada@example.com", "correct horse battery", first_name="Ada")


@pytest.fixture
def property_id(ada: User) -> int:
    """A property of Ada's organization, in euros."""
    organization = orgs.create_organization(name="Analytical Engines", slug="engines", owner=ada)
    made = orgs.create_property(
        organization=organization, name="Shop", slug="shop", time_zone="Europe/Berlin", currency="EUR", made_by=ada
    )
    return int(made.pk)
