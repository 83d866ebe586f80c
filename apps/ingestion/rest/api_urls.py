"""Addresses of the customers' API about links; those of the door are in `urls.py`."""

from django.urls import path

from apps.ingestion.rest.link_api import Links, OneLink

urlpatterns = [
    path("properties/<int:property_id>/links/", Links.as_view(), name="api-links"),
    path("properties/<int:property_id>/links/<int:link_id>/", OneLink.as_view(), name="api-link"),
]
