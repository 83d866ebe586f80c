"""What permission and scope cost a page, and what each page costs in a small world and among 10,000 organizations
with 100,000 members (`access_worlds.py`).

In the small one every list already fills its first page, so that what differs is the world and not how much is shown.
"""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from apps.accounts.services.tokens import make_token
from apps.orgs import queries
from apps.orgs.models import Membership, Organization, Role
from apps.orgs.services import create_organization, create_property
from apps.shared import behalf
from apps.shared.behalf import Behalf
from benchmarks import access_worlds
from benchmarks.access_pages import pages
from benchmarks.rows import Row, row

DOOR = "permission check and scope"
_PASSWORD = "correct horse battery staple"


def run() -> list[Row]:
    """Measure in the small world and in the large one."""
    os.environ["PGOPTIONS"] = "-c max_parallel_workers_per_gather=0"  # what helpers work would be seen by nobody
    connection.close()
    behalf.serve_everybody()
    clients = _clients()
    access_worlds.fill(access_worlds.SMALL)
    small = _measure(clients, access_worlds.SMALL)
    access_worlds.fill(access_worlds.LARGE)
    large = _measure(clients, access_worlds.LARGE)
    members = Membership.objects.count()
    note = f"{Organization.objects.count():,} organizations, {members:,} members; load {os.getloadavg()[0]:.1f}"
    found = [row("words of row-level security, per statement", _words_cost() * 1e6, "us")]
    for name, seconds in large.items():
        ratio = f"{seconds / small[name]:.2f} times the small world's {small[name] * 1000:.3g} ms"
        asked = "< 2 ms" if name == DOOR else "no slower"
        found.append(row(name, seconds * 1000, "ms", asked, f"processor time; {ratio}; {note}"))
    return found


def _clients() -> dict[str, Client]:
    """Return who asks: the owner of one organization, a guest of many, an operator, and a company's directory."""
    people = get_user_model().objects
    owner = people.create_user("bench@example.org", _PASSWORD)
    organization = create_organization(name="Bench", slug="bench", owner=owner)
    create_property(organization=organization, name="Shop", slug="shop", time_zone="UTC", currency="EUR", made_by=owner)
    operator = people.create_superuser("operator@example.org", _PASSWORD)
    Membership.objects.create(organization=organization, user=operator, role=Role.ADMIN)
    found = {name: Client(HTTP_HOST="127.0.0.1") for name in ("owner", "guest", "operator")}
    found["owner"].force_login(owner)
    found["guest"].force_login(people.create_user("guest@example.org", _PASSWORD))
    found["operator"].force_login(operator)
    token = make_token(organization=organization, made_by=owner)[1]
    found["directory"] = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {token}"})
    return found


def _measure(clients: dict[str, Client], world: access_worlds.World) -> dict[str, float]:
    """Return the processor time of the door and of every page, in seconds."""
    found = {DOOR: _cost_of(_door(), times=400)}
    for who, name, url in pages(world):
        if (answer := clients[who].get(url)).status_code != 200:
            raise RuntimeError(f"{url} answers {answer.status_code} to {who}.")
        found[f"{who}: {name}"] = _cost_of(lambda who=who, url=url: clients[who].get(url), times=9)  # type: ignore[misc]
    return found


def _door() -> Callable[[], object]:
    """Return what the door does beside finding the property, which a page needs anyway."""
    owner: Any = get_user_model().objects.get(email="bench@example.org")
    organization_id = Organization.objects.get(slug="bench").pk

    def ask() -> object:
        with behalf.acting(Behalf(person_id=owner.pk)):
            access = queries.access_of(owner, organization_id=organization_id)
            behalf.become(behalf.of_organization(organization_id))
            return access

    return ask


def _cost_of(work: Callable[[], object], *, times: int) -> float:
    """Return the median processor time of one call, ours and PostgreSQL's, which others do not disturb."""
    work()
    taken = []
    for _ in range(times):
        began = time.process_time() + _backend_seconds()
        work()
        taken.append(time.process_time() + _backend_seconds() - began)
    return statistics.median(taken)


def _backend_seconds() -> float:
    """Return what the process that answers our connection has worked, from the scheduler, to the nanosecond."""
    file = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(file.read_text().split()[0]) / 1e9


def _words_cost() -> float:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    words, differences = connection.execute_wrappers[:], []
    for _ in range(20):  # in turns: the machine is not the same from one second to the next
        spoken = _cost_of(ask, times=100)
        connection.execute_wrappers.clear()
        differences.append(spoken - _cost_of(ask, times=100))
        connection.execute_wrappers[:] = words
    return statistics.median(differences)
