"""Addresses of the API about credit."""

from django.urls import path

from apps.attribution.rest.decisions import Decided, DecisionTrace
from apps.attribution.rest.lookbacks import Lookbacks
from apps.attribution.rest.people import Apart, IdentityRules, Person, UndoIdentity
from apps.attribution.rest.promotions import Promotions, UndoPromotion
from apps.attribution.rest.trials import Trial, Trials
from apps.attribution.rest.views import Explanation
from apps.attribution.rest.what_if import WhatIf
from apps.shared import converters as converters  # noqa: PLC0414  registers `anything`

urlpatterns = [
    path(
        "properties/<int:property_id>/conversions/<anything:conversion_id>/explanation/",
        Explanation.as_view(),
        name="api-explanation",
    ),
    path("properties/<int:property_id>/decisions/", Decided.as_view(), name="api-decisions"),
    path(
        "properties/<int:property_id>/conversions/<anything:conversion_id>/decision/",
        DecisionTrace.as_view(),
        name="api-decision",
    ),
    path("properties/<int:property_id>/people/", Person.as_view(), name="api-person"),
    path("properties/<int:property_id>/people/rules/", IdentityRules.as_view(), name="api-identity-rules"),
    path("properties/<int:property_id>/people/apart/", Apart.as_view(), name="api-keep-apart"),
    path(
        "properties/<int:property_id>/people/rules/<int:number>/undo/",
        UndoIdentity.as_view(),
        name="api-undo-identity",
    ),
    path("properties/<int:property_id>/what-if/", WhatIf.as_view(), name="api-what-if"),
    path("properties/<int:property_id>/what-if/trials/", Trials.as_view(), name="api-trials"),
    path("properties/<int:property_id>/what-if/trials/<int:trial_id>/", Trial.as_view(), name="api-trial"),
    path("properties/<int:property_id>/what-if/promotions/", Promotions.as_view(), name="api-promotions"),
    path(
        "properties/<int:property_id>/what-if/promotions/<int:number>/undo/",
        UndoPromotion.as_view(),
        name="api-undo-promotion",
    ),
    path("properties/<int:property_id>/lookbacks/", Lookbacks.as_view(), name="api-lookbacks"),
]
