"""Pages that belong to no app: what went wrong, a reader's preferences, the design gallery."""

from apps.shared.views.design import show_design
from apps.shared.views.errors import bad_request, page_not_found, permission_denied, server_error, service_unavailable
from apps.shared.views.preferences import set_theme

__all__ = [
    "bad_request",
    "page_not_found",
    "permission_denied",
    "server_error",
    "service_unavailable",
    "set_theme",
    "show_design",
]
