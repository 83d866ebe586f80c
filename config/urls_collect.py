"""The few addresses of the `collect` process: events, links, pixels, health."""

from django.urls import include, path

urlpatterns = [
    path("", include("apps.ingestion.rest.urls")),
    path("", include("apps.shared.health.urls")),
]

handler400 = "apps.shared.problems.bad_request"
handler404 = "apps.shared.problems.not_found"
handler500 = "apps.shared.problems.server_error"
