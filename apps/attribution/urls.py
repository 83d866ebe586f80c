"""Addresses of the app's pages."""

from django.urls import path

from apps.attribution import views

app_name = "attribution"
urlpatterns = [
    path("goals/", views.goals, name="goal-list"),
    path("lookbacks/", views.lookbacks, name="lookback-list"),
    path("goals/new/", views.add_goal, name="goal-add"),
    path("goals/<int:goal_id>/", views.change_goal, name="goal-change"),
    path("goals/<int:goal_id>/archive/", views.archive_goal, name="goal-archive"),
    path("people/", views.people, name="person-list"),
    path("people/part/", views.part, name="person-part"),
    path("people/rules/", views.rules, name="person-rules"),
    path("people/rules/<int:number>/undo/", views.undo, name="person-undo"),
    path("visits/", views.visits, name="visit-list"),
]
