"""Addresses of the API about credit."""

from django.urls import path

from apps.attribution.rest.views import Explanation, WhatIf

urlpatterns = [
    path(
        "properties/<int:property_id>/conversions/<path:conversion_id>/explanation/",
        Explanation.as_view(),
        name="api-explanation",
    ),
    path("properties/<int:property_id>/what-if/", WhatIf.as_view(), name="api-what-if"),
]
