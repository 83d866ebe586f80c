"""Addresses of an account's own pages."""

from django.urls import path

from apps.orgs import views

app_name = "orgs"
urlpatterns = [
    path("", views.home, name="home"),
    path("properties/new/", views.new_property, name="property-new"),
    path("o/<slug:organization>/p/<slug:property>/settings/", views.settings, name="settings"),
]
