"""Addresses of the app's pages."""

from django.urls import path

from apps.ingestion.views import apps, collection, imports, links, names

app_name = "ingestion"
urlpatterns = [
    path("collection/", collection.collection, name="collection"),
    path("imports/", imports.imports, name="import-list"),
    path("imports/<int:run_id>/", imports.one, name="import-detail"),
    path("imports/<int:run_id>/report.csv", imports.report, name="import-report"),
    path("links/", links.links, name="link-list"),
    path("links/names/", names.names, name="link-names"),
    path("links/apps/", apps.apps, name="link-apps"),
    path("links/<int:link_id>/", links.link, name="link-detail"),
    path("links/<int:link_id>/qr.<str:form>", links.qr_code, name="link-qr"),
    path("links/<int:link_id>/change/", links.change_link, name="link-change"),
    path("links/<int:link_id>/archive/", links.archive_link, name="link-archive"),
    path("links/new/", links.add_link, name="link-add"),
]
