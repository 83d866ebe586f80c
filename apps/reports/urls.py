"""Addresses of the reports of a property."""

from django.urls import path

from apps.reports import views
from apps.shared import converters as converters  # noqa: PLC0414  registers `anything`

app_name = "reports"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("methods/", views.methods, name="methods"),
    path("conversions/", views.conversion_list, name="conversion-list"),
    path("conversions/<anything:conversion_id>/", views.conversion_detail, name="conversion-detail"),
    path("training/", views.training_list, name="training-list"),
    path("training/start/", views.start_training, name="training-start"),
    path("training/<int:training_id>/", views.training_detail, name="training-detail"),
    path("training/<int:training_id>/cancel/", views.cancel_training, name="training-cancel"),
    path("training/<int:training_id>/seen/", views.see_move, name="training-seen"),
    path("what-if/", views.what_if, name="what-if"),
    path("what-if/<slug:table>.csv", views.what_if_export, name="what-if-export"),
    path("what-if/trial/", views.start_trial, name="trial-start"),
    path("what-if/trial/<int:trial_id>/cancel/", views.cancel_trial, name="trial-cancel"),
    path("what-if/promote/", views.promote, name="what-if-promote"),
    path("what-if/promotions/<int:number>/undo/", views.undo, name="what-if-undo"),
    path("decisions/", views.decision_list, name="decision-list"),
    path("decisions/windows/", views.decision_windows, name="decision-windows"),
    path("unattributed/", views.unattributed, name="unattributed"),
    path("live/", views.live, name="live"),
    path("events/", views.event_find, name="event-find"),
    path("tables/<slug:table>.csv", views.table_export, name="table-export"),
]
