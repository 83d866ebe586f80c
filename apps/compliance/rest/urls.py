"""Addresses of the API about the record."""

from django.urls import path

from apps.compliance.rest.views import Deliveries, Endpoints, Entries, Replay

_ONE = "record/receivers/<int:endpoint_id>/"
urlpatterns = [
    path("record/", Entries.as_view(), name="api-record"),
    path("record/receivers/", Endpoints.as_view(), name="api-record-receivers"),
    path(f"{_ONE}deliveries/", Deliveries.as_view(), name="api-record-deliveries"),
    path(f"{_ONE}replay/", Replay.as_view(), name="api-record-replay"),
]
