"""Addresses of the door of events."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
