"""R5 where no request comes: every socket and every task. A new one without an entry in `routes.py` fails here."""

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from apps.orgs.models import Membership, Property, Role, User
from apps.orgs.tasks import OrganizationTask
from apps.shared import behalf
from config.celery import celery_app
from config.routing import websocket_urlpatterns
from tests.access import routes
from tests.factories.company import Company


def test_every_socket_is_somebodys() -> None:
    found = {str(one.pattern) for one in websocket_urlpatterns} - {""}

    assert found == set(routes.SOCKETS), "say in tests/access/routes.py who may listen, and ask it below as everybody"


@pytest.mark.django_db(transaction=True)
async def test_socket_is_open_to_whom_the_table_says(company: Company, valkey: None) -> None:
    guest = await sync_to_async(User.objects.create_user)("agency@example.org")
    limited = {"organization": company.organization, "user": guest, "role": Role.GUEST, "sources": ["newsletter"]}
    await sync_to_async(Membership.objects.create)(**limited)
    gone = await sync_to_async(User.objects.create_user)("gone@example.org", is_active=False)
    await sync_to_async(Membership.objects.create)(organization=company.organization, user=gone, role=Role.OWNER)
    expected = {
        ("ada", "1"): True, ("ada", "0"): True, ("grace", "1"): True, ("guest", "0"): True, ("guest", "1"): False,
        ("mallory", "0"): False, ("stranger", "0"): False, ("gone", "0"): False,
    }  # fmt: skip
    people = {"ada": company.ada, "grace": company.grace, "mallory": company.mallory, "guest": guest, "gone": gone}
    found = {}
    for who, rows in expected:
        one = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/o/fernweh/p/shop/live/?rows={rows}")
        one.scope["user"] = people.get(who, AnonymousUser())
        found[who, rows] = (await one.connect())[0]
        await one.disconnect()

    assert found == expected


def test_every_task_says_for_whom_it_works() -> None:
    celery_app.loader.import_default_modules()
    tasks = {name: task for name, task in celery_app.tasks.items() if not name.startswith("celery.")}

    assert set(tasks) == set(routes.TASKS), "say in tests/access/routes.py for whom the task works"
    assert all(isinstance(task, OrganizationTask) for task in tasks.values())
    takes_property = {name for name, task in tasks.items() if "property_id" in task.run.__code__.co_varnames}
    assert {name for name, whose in routes.TASKS.items() if whose == "organization"} <= takes_property


def test_task_sees_its_own_organization_alone(company: Company) -> None:
    seen: list[int] = []

    @celery_app.task(name="tests.look", bind=False, shared=False)
    def look(*, property_id: int) -> None:
        seen.extend(Property.objects.values_list("pk", flat=True))

    try:
        with behalf.acting(behalf.NOBODY):
            look(property_id=company.theirs.pk)
    finally:
        celery_app.tasks.unregister("tests.look")

    assert seen == [company.theirs.pk]
