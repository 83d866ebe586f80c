"""Three people, everywhere: Ada owns the organization, Grace is a member, Mallory owns another one."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.test import Client

from apps.orgs import services
from apps.orgs.models import Membership, Organization, Property, Role, User

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Company:
    """The people, and a property of each organization."""

    ada: User
    grace: User
    mallory: User
    organization: Organization
    shop: Property
    theirs: Property

    def client_of(self, user: User | None) -> Client:
        """Return a browser in which *user* is signed in, or nobody."""
        client = Client()
        if user is not None:
            client.force_login(user)
        return client


def make_company(*, currency: str = "EUR", time_zone: str = "Europe/Berlin") -> Company:
    """Make both organizations."""
    ada, grace, mallory = (
        User.objects.create_user(f"{name}@example.org", PASSWORD) for name in ("ada", "grace", "mallory")
    )
    for user in (ada, grace, mallory):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ours = services.create_organization(name="Fernweh", slug="fernweh", owner=ada)
    others = services.create_organization(name="Cinder", slug="cinder", owner=mallory)
    Membership.objects.create(organization=ours, user=grace, role=Role.ANALYST)
    shop = services.create_property(
        organization=ours, name="Shop", slug="shop", time_zone=time_zone, currency=currency, made_by=ada
    )
    theirs = services.create_property(
        organization=others, name="Shop", slug="shop", time_zone="UTC", currency="USD", made_by=mallory
    )
    return Company(ada, grace, mallory, ours, shop, theirs)
