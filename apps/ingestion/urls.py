"""Addresses of the app's pages."""

from django.urls import path

from apps.ingestion import views

app_name = "ingestion"
urlpatterns = [
    path("links/", views.links, name="link-list"),
    path("links/new/", views.add_link, name="link-add"),
]
