"""Addresses of the door of events."""

from django.urls import path

from apps.ingestion.rest import links, measurement, native, segment, views

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

urlpatterns = [
    *(path(f"v1/{name}", views.call(kind), name=f"collect-{name}") for name, kind in CALLS.items()),
    path("v1/events", native.events, name="collect-events"),
    path("mp/collect", measurement.collect, name="measurement-collect"),
    path("debug/mp/collect", measurement.debug, name="measurement-debug"),
    path("v1/m", segment.library_metrics, name="collect-metrics"),
    path("v1/projects/<str:write_key>/settings", segment.project_settings, name="collect-settings"),
    *(
        path(f"v1/pixel/{kind}", segment.pixel(kind), name=f"pixel-{kind}")
        for kind in sorted(set(CALLS.values()))
        if kind
    ),
    path("l/<str:slug>", links.follow, name="link-follow"),
    path("p/<str:slug>.gif", links.pixel, name="link-pixel"),
]
