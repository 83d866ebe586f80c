"""Every way into the product, and who may take it. What a door says of itself is not repeated here.

A page below `o/…` must carry `property_page` or `organization_page`, an operation of the API must be an `ApiView`:
they name the permission that they need, and R5's test asks them as everybody. Whatever is open to more people than
that stands here, with its reason.
"""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters
from django.urls.resolvers import RoutePattern

OPEN = {
    "design/": "the gallery reads no store",
    "preferences/theme/": "a cookie of the reader's own",
    "i18n/setlang/": "a cookie of the reader's own",
    "health": "says that the process lives",
    "ready": "says which stores answer",
    "metrics": "figures of the machine; the proxy in front keeps strangers out",
    "api/schema/": "the description of the API is public",
    "api/docs/": "the description of the API is public",
    "invitations/<str:secret>/": "whoever holds the secret is invited",
    "scim/v2/": "opened by the token of an organization's directory",
    "scim/v2/<path:path>": "opened by the token of an organization's directory",
}
SIGNED_IN = {
    "": "lists one's own properties",
    "properties/new/": "begins a property where one may",
    "invitations/<str:secret>/accept/": "joins with the secret",
    "mail/": "development only: one's own mail",
    "mail/<int:pk>/": "development only: one's own mail",
    "mail/<int:pk>/page/": "development only: one's own mail",
}
# Whole families that guard themselves.
ACCOUNTS, ADMIN, API, TENANT = "accounts/", "admin/", "api/v1/", "o/<slug:organization>/"
COLLECT = {
    "v1/": "opened by a write key, for sending alone",
    "mp/collect": "the Measurement Protocol, opened by a write key",
    "debug/mp/collect": "says what a hit would become, and stores nothing",
    "token": "opened by what a stream's private key has signed",
    "l/<str:slug>": "links are made to be clicked by anybody",
    "p/<str:slug>.gif": "pixels are made to be seen by anybody",
    "s/<str:slug>/": "networks report clicks and impressions of a link",
    ".well-known/": "phones read which apps open a domain",
    "sdk/<str:name>": "the library of the browser",
    "health": "says that the process lives",
    "ready": "says which stores answer",
    "metrics": "figures of the machine; the proxy in front keeps strangers out",
}
SOCKETS = {
    "ws/o/<slug:organization>/p/<slug:property>/live/": "as the live page: rows need events.read, news reports.read"
}
# Whether a task acts for the organization of its property, or serves all of them.
TASKS = {
    "attribution.build_journeys": "organization",
    "attribution.build_all_journeys": "system",
    "attribution.train_method": "organization",
    "attribution.retrain_methods": "system",
    "ingestion.run_import": "organization",
    "ingestion.resume_imports": "system",
    "quality.watch_streams": "system",
    "quality.watch_property": "organization",
    "quality.learn_all_schemas": "system",
    "quality.learn_schemas": "organization",
    "quality.run_release": "organization",
    "accounts.refresh_providers": "system",
    "compliance.prune_record": "system",
    "compliance.stream_records": "system",
    "compliance.stream_to_endpoint": "system",
    "attribution.run_trial": "organization",
    "orgs.delete_due_organizations": "system",
    "shared.send_waiting_mail": "system",
}


def walk(urlconf: str | None = None) -> Iterator[tuple[str, URLPattern]]:
    """Yield every route with its pattern."""

    def below(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
        for one in resolver.url_patterns:
            route = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from below(one, route)
            else:
                yield route, one

    yield from below(get_resolver(urlconf), "")


def filled(route: str, values: dict[str, Any]) -> str:
    """Return *route* with its parameters filled in; raises KeyError for one that nobody has thought of."""
    shorts = {type(one): short for short, one in get_converters().items()}
    for name, converter in RoutePattern(route).converters.items():
        route = route.replace(f"<{shorts[type(converter)]}:{name}>", str(values[name]))
        route = route.replace(f"<{name}>", str(values[name]))
    return f"/{route}"
