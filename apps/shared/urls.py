"""Addresses of pages that belong to no app."""

from django.urls import URLPattern

app_name = "shared"
urlpatterns: list[URLPattern] = []
