"""Addresses of the door of events."""

from django.urls import path

from apps.ingestion.rest import (
    deferred,
    library,
    links,
    measurement,
    native,
    network,
    segment,
    tokens,
    views,
    well_known,
)

# The long names of the HTTP API, and the short ones that Segment's browser library uses.
CALLS = {
    "batch": "",
    "track": "track",
    "page": "page",
    "identify": "identify",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "import": "",
    "b": "",
    "t": "track",
    "p": "page",
    "i": "identify",
    "s": "screen",
    "g": "group",
    "a": "alias",
}

# Django tries them from the first to the last; DoorHandler remembers what was found. Links are many: they come first.
urlpatterns = [
    path("l/<str:slug>", links.follow, name="link-follow"),
    path("p/<str:slug>.gif", links.pixel, name="link-pixel"),
    *(path(f"v1/{name}", views.call(kind), name=f"collect-{name}") for name, kind in CALLS.items()),
    # Some clients end the address with a slash.
    *(path(f"v1/{name}/", views.call(kind)) for name, kind in CALLS.items()),
    path("v1/events", native.events, name="collect-events"),
    path("mp/collect", measurement.collect, name="measurement-collect"),
    path("debug/mp/collect", measurement.debug, name="measurement-debug"),
    path("token", tokens.token, name="collect-token"),
    path("v1/m", segment.library_metrics, name="collect-metrics"),
    path("v1/projects/<str:write_key>/settings", segment.project_settings, name="collect-settings"),
    *(
        path(f"v1/pixel/{kind}", segment.pixel(kind), name=f"pixel-{kind}")
        for kind in sorted(set(CALLS.values()))
        if kind
    ),
    path("s/<str:slug>/click", network.report, {"kind": "click"}, name="network-click"),
    path("s/<str:slug>/impression", network.report, {"kind": "impression"}, name="network-impression"),
    path("v1/first-open", deferred.first_open, name="first-open"),
    path(".well-known/apple-app-site-association", well_known.apple_file, name="apple-file"),
    path(".well-known/assetlinks.json", well_known.google_file, name="google-file"),
    path("sdk/<str:name>", library.library, name="sdk"),
]
