"""Addresses of the API about figures and single events."""

from django.urls import path

from apps.reports.rest.events import Event, Events
from apps.reports.rest.views import Credit

urlpatterns = [
    path("properties/<int:property_id>/credit/", Credit.as_view(), name="api-credit"),
    path("properties/<int:property_id>/events/", Events.as_view(), name="api-events"),
    path("properties/<int:property_id>/events/<path:message_id>/", Event.as_view(), name="api-event"),
]
