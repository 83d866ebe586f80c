"""Every WebSocket route of the project."""

from typing import Any

from django.urls import re_path

from apps.reports import routing


async def nothing_here(_scope: Any, receive: Any, send: Any) -> None:
    """Refuse a socket that no page opens, as an unknown page is refused: without it, a stranger fills the log."""
    await receive()
    await send({"type": "websocket.close"})


# A route of sockets leads to an application, not to a view.
websocket_urlpatterns = [*routing.websocket_urlpatterns, re_path(r"", nothing_here)]  # type: ignore[arg-type]
