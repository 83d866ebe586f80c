"""WebSocket routes."""

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from config.asgi import application
from config.routing import websocket_urlpatterns


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/o/fernweh/p/shop/", "/ws/o/%00/p/x/live"])
async def test_socket_that_nobody_serves_is_refused(path: str) -> None:
    connected, _ = await WebsocketCommunicator(URLRouter(websocket_urlpatterns), path).connect()

    assert not connected


@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://testserver.evil.example", b"null"])
async def test_socket_of_a_foreign_page_is_refused(origin: bytes) -> None:
    path = "/ws/o/fernweh/p/shop/live/"
    connected, _ = await WebsocketCommunicator(application, path, headers=[(b"origin", origin)]).connect()

    assert not connected
