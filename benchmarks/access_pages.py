"""Every page that grows with its organization, its reader or the installation: who asks, its name, its address."""

from collections.abc import Iterator

from django.contrib import admin
from django.urls import reverse

from apps.compliance.models import AuditEndpoint
from apps.orgs.models import ServiceAccount, Stream
from benchmarks import access_worlds

_OWNER = {
    "members": "/o/bench/members/",
    "members, searched": "/o/bench/members/?q=person42@",
    "members, last full page": "/o/bench/members/?page={members_pages}",
    "record": "/o/bench/record/",
    "record, searched": "/o/bench/record/?q=person42@example.org&subject=orgs_property",
    "keeping": "/o/bench/record/keeping/",
    "delivery": "/o/bench/record/delivery/",
    "who can see what": "/o/bench/roles/",
    "programs": "/o/bench/programs/",
    "organization": "/o/bench/",
    "sign-in settings": "/o/bench/sign-in/",
    "properties": "/?all=1",
    "new property": "/properties/new/",
    "settings": "/o/bench/p/shop/settings/",
    "goals": "/o/bench/p/shop/goals/",
    "links": "/o/bench/p/shop/links/",
    "expectations": "/o/bench/p/shop/quality/expectations/",
    "devices": "/accounts/sessions/",
}
_GUEST = {
    "properties of many organizations": "/?all=1",
    "a page with the switch of many properties": "/o/company-1/p/shop/",
}
_OPERATOR = {
    "organizations, searched": "/admin/orgs/organization/?q=company-42",
    "people, searched": "/admin/orgs/user/?q=person42@",
    "record, searched": "/admin/compliance/auditentry/?q=person42@example.org",
}
_DIRECTORY = {
    "people": "/scim/v2/Users?count=100",
    "people, from the end": "/scim/v2/Users?startIndex={people_last}&count=100",
    "one by name": "/scim/v2/Users?filter=userName%20eq%20%22person42@example.org%22",
    "one by external id": "/scim/v2/Users?filter=externalId%20eq%20%22e42%22",
}


def pages(world: access_worlds.World) -> Iterator[tuple[str, str, str]]:
    """Yield every page, as much shown in each world.

    With those of rows that the filling made, and the list of each model of the administration.
    """
    of_rows = {
        "one program and its keys": f"/o/bench/programs/{_first(ServiceAccount)}/",
        "one receiver": f"/o/bench/record/delivery/{_first(AuditEndpoint)}/",
        "public keys": f"/o/bench/p/shop/streams/{_first(Stream, 'property__')}/public-keys/",
    }
    lists = {
        model._meta.label: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if access_worlds.grows(model)
    }
    for who, addresses in (
        ("owner", _OWNER | of_rows), ("guest", _GUEST), ("operator", _OPERATOR | lists), ("directory", _DIRECTORY),
    ):  # fmt: skip
        for name, url in addresses.items():
            yield who, name, url.format(members_pages=world.members // 50, people_last=world.members - 100)


def _first(model: type, way: str = "") -> int:
    found = {f"{way}organization__slug": "bench"}
    if way:
        found["property__slug"] = "shop"
    return int(model.objects.filter(**found).order_by("pk").values_list("pk", flat=True)[0])  # type: ignore[attr-defined]
