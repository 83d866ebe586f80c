"""Addresses of the app's pages."""

from django.urls import path

from apps.ingestion.views import collection, links

app_name = "ingestion"
urlpatterns = [
    path("collection/", collection.collection, name="collection"),
    path("links/", links.links, name="link-list"),
    path("links/new/", links.add_link, name="link-add"),
]
