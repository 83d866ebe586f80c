"""Addresses of the API about data quality."""

from django.urls import path

from apps.quality.rest import views

_ONE = "properties/<int:property_id>"
urlpatterns = [
    path(f"{_ONE}/expectations/", views.Expectations.as_view(), name="api-expectations"),
    path(f"{_ONE}/expectations/yaml/", views.WholeSet.as_view(), name="api-expectations-yaml"),
    path(f"{_ONE}/expectations/<int:expectation_id>/", views.OneExpectation.as_view(), name="api-expectation"),
    path(f"{_ONE}/quality/", views.Quality.as_view(), name="api-quality"),
    path(f"{_ONE}/quarantine/", views.Quarantine.as_view(), name="api-quarantine"),
    path(f"{_ONE}/quarantine/releases/", views.Releases.as_view(), name="api-releases"),
    path(f"{_ONE}/quarantine/releases/<int:release_id>/", views.OneRelease.as_view(), name="api-release"),
]
