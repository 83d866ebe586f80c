"""WebSocket routes of live pages."""

from django.urls import path

from apps.reports.consumers import LiveConsumer

websocket_urlpatterns = [
    path("ws/o/<slug:organization>/p/<slug:property>/live/", LiveConsumer.as_asgi()),
]
