"""Every WebSocket route of the project."""

from apps.reports.routing import websocket_urlpatterns

__all__ = ["websocket_urlpatterns"]
