"""The few addresses of the `collect` process: events, links, pixels, health."""

from apps.ingestion.rest import urls as ingestion
from apps.shared.health import urls as health

# One flat list: every level of inclusion would cost each event the making of two matches.
urlpatterns = [*ingestion.urlpatterns, *health.urlpatterns]

handler400 = "apps.shared.problems.bad_request"
handler404 = "apps.shared.problems.not_found"
handler500 = "apps.shared.problems.server_error"
