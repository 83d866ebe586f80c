"""Addresses of the API about figures and single events."""

from django.urls import path

from apps.reports.rest.events import Event, EventOfAnyId, Events
from apps.reports.rest.views import Credit
from apps.shared import converters as converters  # noqa: PLC0414  registers `anything`

urlpatterns = [
    path("properties/<int:property_id>/credit/", Credit.as_view(), name="api-credit"),
    path("properties/<int:property_id>/events/", Events.as_view(), name="api-events"),
    path("properties/<int:property_id>/events/<anything:message_id>/", Event.as_view(), name="api-event"),
    path("properties/<int:property_id>/event/", EventOfAnyId.as_view(), name="api-event-of-any-id"),
]
