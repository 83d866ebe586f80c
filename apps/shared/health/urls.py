"""Addresses that are the same in every process."""

from django.urls import path

from apps.shared.health import views

urlpatterns = [
    path("health", views.health, name="health"),
    path("ready", views.ready, name="ready"),
    path("metrics", views.figures, name="metrics"),
]
