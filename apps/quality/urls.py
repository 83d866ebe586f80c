"""Addresses of the app's pages."""

from django.urls import path

from apps.quality.views import breaches, expectations, overview, quarantine, schemas

app_name = "quality"
urlpatterns = [
    path("quality/", overview.overview, name="overview"),
    path("quality/breaches/<int:breach_id>/seen/", breaches.see_breach, name="breach-seen"),
    path("quality/breaches/mail/", breaches.mail_breaches, name="breach-mail"),
    path("quality/expectations/", expectations.expectations, name="expectation-list"),
    path("quality/expectations/expectations.yaml", expectations.download, name="expectation-yaml"),
    path("quality/expectations/new/", expectations.add_expectation, name="expectation-add"),
    path("quality/expectations/<int:expectation_id>/", expectations.change_expectation, name="expectation-change"),
    path(
        "quality/expectations/<int:expectation_id>/archive/",
        expectations.archive_expectation,
        name="expectation-archive",
    ),
    path(
        "quality/expectations/<int:expectation_id>/restore/",
        expectations.restore_expectation,
        name="expectation-restore",
    ),
    path("quality/schemas/", schemas.schemas, name="schema-list"),
    path("quality/schemas/<int:schema_id>/", schemas.schema, name="schema-detail"),
    path("quality/schemas/<int:schema_id>/accept/", schemas.accept_schema, name="schema-accept"),
    path("quality/quarantine/", quarantine.quarantine, name="quarantine"),
    path("quality/quarantine/item/", quarantine.item, name="quarantine-item"),
    path("quality/releases/<int:release_id>/", quarantine.release, name="release"),
    path("quality/releases/<int:release_id>/take-back/", quarantine.take_back, name="release-take-back"),
    path("quality/fixes/<int:fix_id>/", quarantine.change_fix, name="fix-change"),
]
