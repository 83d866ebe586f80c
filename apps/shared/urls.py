"""Addresses of pages that belong to no app."""

from django.urls import path

from apps.shared import views

app_name = "shared"
urlpatterns = [
    path("design/", views.show_design, name="design-show"),
    path("preferences/theme/", views.set_theme, name="theme-set"),
]
