"""Addresses of an account's own pages, of an organization, and of a property's settings."""

from django.urls import path

from apps.orgs import views
from apps.orgs.views import members, organization, programs, public_keys, streams

app_name = "orgs"
PROPERTY = "o/<slug:organization>/p/<slug:property>"
urlpatterns = [
    path("", views.home, name="home"),
    path("properties/new/", views.new_property, name="property-new"),
    path("invitations/<str:secret>/", members.invitation, name="invitation"),
    path("invitations/<str:secret>/accept/", members.accept, name="invitation-accept"),
    path("o/<slug:organization>/", organization.organization, name="organization"),
    path("o/<slug:organization>/transfer/", organization.transfer, name="organization-transfer"),
    path("o/<slug:organization>/delete/", organization.delete, name="organization-delete"),
    path("o/<slug:organization>/keep/", organization.keep, name="organization-keep"),
    path("o/<slug:organization>/leave/", members.leave, name="organization-leave"),
    path("o/<slug:organization>/members/", members.members, name="member-list"),
    path("o/<slug:organization>/members/<int:member_id>/", members.member, name="member-change"),
    path("o/<slug:organization>/members/<int:member_id>/remove/", members.remove_member, name="member-remove"),
    path("o/<slug:organization>/invitations/<int:invitation_id>/withdraw/", members.withdraw, name="member-withdraw"),
    path("o/<slug:organization>/roles/", organization.roles, name="role-list"),
    path("o/<slug:organization>/roles/<int:role_id>/delete/", organization.delete_role, name="role-delete"),
    path("o/<slug:organization>/programs/", programs.programs, name="program-list"),
    path("o/<slug:organization>/programs/<int:account_id>/", programs.program, name="program"),
    path(
        "o/<slug:organization>/programs/<int:account_id>/keys/<int:key_id>/rotate/",
        programs.rotate_key,
        name="program-key-rotate",
    ),
    path(
        "o/<slug:organization>/programs/<int:account_id>/keys/<int:key_id>/revoke/",
        programs.revoke_key,
        name="program-key-revoke",
    ),
    path(f"{PROPERTY}/settings/", views.settings, name="settings"),
    path(f"{PROPERTY}/streams/", streams.add, name="stream-add"),
    path(f"{PROPERTY}/streams/<int:stream_id>/rotate/", streams.rotate, name="stream-rotate"),
    path(f"{PROPERTY}/streams/<int:stream_id>/switch/", streams.switch, name="stream-switch"),
    path(f"{PROPERTY}/streams/<int:stream_id>/public-keys/", public_keys.public_keys, name="public-key-list"),
    path(
        f"{PROPERTY}/streams/<int:stream_id>/public-keys/<int:public_key_id>/revoke/",
        public_keys.revoke,
        name="public-key-revoke",
    ),
    path(f"{PROPERTY}/streams/<int:stream_id>/require-token/", public_keys.require_token, name="stream-require-token"),
    path(f"{PROPERTY}/streams/keys/<int:key_id>/revoke/", streams.revoke, name="stream-key-revoke"),
]
