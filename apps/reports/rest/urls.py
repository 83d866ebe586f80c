"""Addresses of the API about figures."""

from django.urls import path

from apps.reports.rest.views import Credit

urlpatterns = [path("properties/<int:property_id>/credit/", Credit.as_view(), name="api-credit")]
