"""WebSocket routes."""

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from config.routing import websocket_urlpatterns


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/o/fernweh/p/shop/", "/ws/o/%00/p/x/live"])
async def test_socket_that_nobody_serves_is_refused(path: str) -> None:
    connected, _ = await WebsocketCommunicator(URLRouter(websocket_urlpatterns), path).connect()

    assert not connected
