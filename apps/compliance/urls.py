"""Addresses of the record."""

from django.urls import path

from apps.compliance import views

_ONE = "record/delivery/<int:endpoint_id>/"
app_name = "compliance"
urlpatterns = [
    path("record/", views.record, name="record"),
    path("record.csv", views.record_export, name="record-export"),
    path("record/keeping/", views.keeping, name="keeping"),
    path("record/delivery/", views.endpoints, name="endpoints"),
    path(_ONE, views.endpoint, name="endpoint"),
    path(f"{_ONE}rotate/", views.rotate_secret, name="endpoint-rotate"),
    path(f"{_ONE}test/", views.test_endpoint, name="endpoint-test"),
    path(f"{_ONE}pause/", views.pause_endpoint, name="endpoint-pause"),
    path(f"{_ONE}resume/", views.resume_endpoint, name="endpoint-resume"),
    path(f"{_ONE}replay/", views.replay, name="endpoint-replay"),
    path(f"{_ONE}delete/", views.delete_endpoint, name="endpoint-delete"),
]
