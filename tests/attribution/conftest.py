"""A property to measure, and a world in it."""

import random

import pytest
from django.utils import timezone

from apps.attribution import services
from apps.orgs import services as orgs
from apps.orgs.models import User
from tests.attribution import worlds
from tests.attribution.supposed import World


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


@pytest.fixture
def world(property_id: int) -> World:
    """A built world with one goal; modules with another of their own say so by the same name."""
    sent = worlds.random_crowd(random.Random("supposing"), 20)
    worlds.store(property_id, sent, timezone.now())
    services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    services.build_journeys(property_id=property_id, clock=timezone.now)
    return sent
