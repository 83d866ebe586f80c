"""Addresses of the customers' API about links and imports of files; those of the door are in `urls.py`."""

from django.urls import path

from apps.ingestion.rest.import_api import BegunImport, Imports, Mappings, OneImport, Preview, Report
from apps.ingestion.rest.link_api import Links, OneLink

_IMPORT = "properties/<int:property_id>/imports/<int:run_id>/"
urlpatterns = [
    path("properties/<int:property_id>/links/", Links.as_view(), name="api-links"),
    path("properties/<int:property_id>/links/<int:link_id>/", OneLink.as_view(), name="api-link"),
    path("properties/<int:property_id>/imports/", Imports.as_view(), name="api-imports"),
    path("properties/<int:property_id>/imports/mappings/", Mappings.as_view(), name="api-import-mappings"),
    path(_IMPORT, OneImport.as_view(), name="api-import"),
    path(f"{_IMPORT}preview/", Preview.as_view(), name="api-import-preview"),
    path(f"{_IMPORT}begin/", BegunImport.as_view(), name="api-import-begin"),
    path(f"{_IMPORT}report/", Report.as_view(), name="api-import-report"),
]
