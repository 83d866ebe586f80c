"""Addresses of the app's pages."""

from django.urls import URLPattern

app_name = "attribution"
urlpatterns: list[URLPattern] = []
