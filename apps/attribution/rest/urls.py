"""Addresses of the API about credit."""

from django.urls import path

from apps.attribution.rest.decisions import Decided, DecisionTrace
from apps.attribution.rest.lookbacks import Lookbacks
from apps.attribution.rest.trials import Trial, Trials
from apps.attribution.rest.views import Explanation
from apps.attribution.rest.what_if import WhatIf

urlpatterns = [
    path(
        "properties/<int:property_id>/conversions/<path:conversion_id>/explanation/",
        Explanation.as_view(),
        name="api-explanation",
    ),
    path("properties/<int:property_id>/decisions/", Decided.as_view(), name="api-decisions"),
    path(
        "properties/<int:property_id>/conversions/<path:conversion_id>/decision/",
        DecisionTrace.as_view(),
        name="api-decision",
    ),
    path("properties/<int:property_id>/what-if/", WhatIf.as_view(), name="api-what-if"),
    path("properties/<int:property_id>/what-if/trials/", Trials.as_view(), name="api-trials"),
    path("properties/<int:property_id>/what-if/trials/<int:trial_id>/", Trial.as_view(), name="api-trial"),
    path("properties/<int:property_id>/lookbacks/", Lookbacks.as_view(), name="api-lookbacks"),
]
