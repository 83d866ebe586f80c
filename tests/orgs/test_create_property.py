"""A property from the shell."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.orgs.models import Organization, Property
from tests.factories.company import Company


def test_property_is_made_with_its_organization(company: Company) -> None:
    said = StringIO()

    call_command("create_property", "alpine/app", "--owner", company.ada.email, "--currency", "chf", stdout=said)

    row = Property.objects.get(organization__slug="alpine", slug="app")
    assert (row.currency, row.time_zone) == ("CHF", "UTC")
    assert row.streams.get().write_key in said.getvalue()


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (("alpine/a b", "--name", "x"), "slug"),
        (("al pine/app",), "slug"),
        (("alpine/app", "--time-zone", "Mars/Base"), "time_zone"),
        (("alpine/app", "--currency", "EU"), "currency"),
        (("alpine/app", "--currency", "euros"), "currency"),
        (("alpine/" + "a" * 80,), "slug"),
    ],
)
def test_wish_that_no_page_could_show_is_refused_in_words(company: Company, wish: tuple[str, ...], field: str) -> None:
    with pytest.raises(CommandError, match=f"{field}: .+"):
        call_command("create_property", *wish, "--owner", company.ada.email)

    assert not Organization.objects.filter(slug__startswith="alp").exists()
