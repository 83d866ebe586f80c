"""Addresses of the API about data quality."""

from django.urls import path

from apps.quality.rest import breaches, fixes, schemas, views

_ONE = "properties/<int:property_id>"
urlpatterns = [
    path(f"{_ONE}/expectations/", views.Expectations.as_view(), name="api-expectations"),
    path(f"{_ONE}/expectations/yaml/", views.WholeSet.as_view(), name="api-expectations-yaml"),
    path(f"{_ONE}/expectations/<int:expectation_id>/", views.OneExpectation.as_view(), name="api-expectation"),
    path(f"{_ONE}/quality/", views.Quality.as_view(), name="api-quality"),
    path(f"{_ONE}/quality/breaches/", breaches.Breaches.as_view(), name="api-breaches"),
    path(f"{_ONE}/quality/breaches/mail/", breaches.BreachMail.as_view(), name="api-breach-mail"),
    path(f"{_ONE}/quality/breaches/<int:breach_id>/seen/", breaches.SeenBreach.as_view(), name="api-breach-seen"),
    path(f"{_ONE}/schemas/", schemas.Schemas.as_view(), name="api-schemas"),
    path(f"{_ONE}/schemas/<int:schema_id>/", schemas.OneSchema.as_view(), name="api-schema"),
    path(f"{_ONE}/schemas/<int:schema_id>/accept/", schemas.AcceptedSchema.as_view(), name="api-schema-accept"),
    path(f"{_ONE}/fixes/", fixes.Fixes.as_view(), name="api-fixes"),
    path(f"{_ONE}/fixes/<int:fix_id>/", fixes.OneFix.as_view(), name="api-fix"),
    path(f"{_ONE}/quarantine/", views.Quarantine.as_view(), name="api-quarantine"),
    path(f"{_ONE}/quarantine/releases/", views.Releases.as_view(), name="api-releases"),
    path(f"{_ONE}/quarantine/releases/<int:release_id>/", views.OneRelease.as_view(), name="api-release"),
]
