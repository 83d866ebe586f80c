"""Addresses of the API about access."""

from django.urls import path

from apps.orgs.rest.views import Me, Properties

urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("properties/", Properties.as_view(), name="api-properties"),
]
