"""Addresses of the record."""

from django.urls import path

from apps.compliance import views

app_name = "compliance"
urlpatterns = [
    path("record/", views.record, name="record"),
    path("record.csv", views.record_export, name="record-export"),
]
