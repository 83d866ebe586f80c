"""Addresses of the API about access."""

from django.urls import path

from apps.orgs.rest import schema  # noqa: F401  the API's description finds its keys by this import
from apps.orgs.rest.views import Me, Properties

urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("properties/", Properties.as_view(), name="api-properties"),
]
