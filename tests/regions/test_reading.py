"""Nobody reads across regions: not the query runner, not a page, not the API, not a socket, not a task (R5)."""

from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.attribution import tasks
from apps.orgs import services as orgs
from apps.orgs.models import Property
from apps.orgs.tasks import foreign_queues, queue_of
from apps.reports.consumers import NOT_FOUND, WRONG_REGION
from apps.shared import behalf, clickhouse, regions
from config.celery import celery_app
from config.routing import websocket_urlpatterns
from tests.factories.company import Company, make_company
from tests.regions.conftest import WEB, World

COUNT = "SELECT count() FROM events WHERE property_id = {property_id:UInt64}"
PAGES = ("", "methods/", "conversions/", "unattributed/", "live/", "events/?id=m-1", "what-if/", "training/")


def rows_of(*property_ids: int) -> dict[str, list[Any]]:
    return {
        "property_id": list(property_ids),
        "message_id": [f"m-{number}" for number in range(len(property_ids))],
        "occurred_at": [1_800_000_000_000] * len(property_ids),
    }


def count(property_id: int) -> int:
    return clickhouse.select(COUNT, int, property_id=property_id)[0]


def test_query_is_asked_in_the_store_of_its_property(world: World) -> None:
    clickhouse.insert("events", rows_of(world.us.pk, world.us.pk))
    clickhouse.insert("events", rows_of(world.eu.pk))

    assert (count(world.eu.pk), count(world.us.pk)) == (1, 2)
    assert (world.properties_in("eu", "events"), world.properties_in("us", "events")) == ({world.eu.pk}, {world.us.pk})


def test_work_for_one_region_is_refused_the_other(world: World) -> None:
    with behalf.acting(behalf.within("eu")):
        assert count(world.eu.pk) == 0
        for read in (
            lambda: count(world.us.pk),
            lambda: clickhouse.command("OPTIMIZE TABLE events /* {property_id:UInt64} */", property_id=world.us.pk),
            lambda: list(clickhouse.select_for_platform("SELECT 1", int, region="us")),
            lambda: regions.stores("us"),
        ):
            with pytest.raises(regions.AcrossRegions, match=r"Work for the region eu asked for data .* region us"):
                read()


def test_rows_of_two_regions_are_not_written_together(world: World) -> None:
    with pytest.raises(regions.AcrossRegions):
        clickhouse.insert("events", rows_of(world.eu.pk, world.us.pk))

    assert world.properties_in("eu", "events") | world.properties_in("us", "events") == set()


def test_question_about_everybody_must_name_a_region(world: World) -> None:
    with pytest.raises(regions.NoRegion):
        list(clickhouse.select_for_platform("SELECT 1", int))
    with pytest.raises(regions.NoRegion, match="does not exist"):
        count(10**9)


def test_process_of_one_region_opens_no_store_of_another(world: World, settings: Any) -> None:
    settings.REGION = "eu"

    assert count(world.eu.pk) == 0
    with pytest.raises(regions.WrongRegion, match="kept in the region us, which this process does not serve"):
        count(world.us.pk)
    assert list(clickhouse.select_for_platform("SELECT 1", int)) == [1]  # the only one that it serves


@pytest.mark.parametrize("page", PAGES)
def test_page_of_another_region_says_where_it_is(world: World, settings: Any, page: str) -> None:
    settings.REGION = "eu"
    ada = world.company.client_of(world.company.ada)

    here, there = ada.get(f"/o/fernweh/p/shop/{page}"), ada.get(f"/o/fernweh/p/boutique/{page}")

    text = there.content.decode()
    assert here.status_code == 200
    assert (there.status_code, "This data is kept in the region United States" in text) == (421, True)
    assert f'href="{WEB["us"]}/o/fernweh/p/boutique/{page}"' in text


def test_export_of_another_region_is_refused_before_it_begins(world: World, settings: Any) -> None:
    settings.REGION = "eu"
    ada = world.company.client_of(world.company.ada)

    assert ada.get("/o/fernweh/p/boutique/tables/breakdown.csv").status_code == 421


def test_outsider_learns_of_no_region(world: World, settings: Any) -> None:
    settings.REGION = "eu"
    mallory = world.company.client_of(world.company.mallory)

    assert {mallory.get(f"/o/fernweh/p/{name}/").status_code for name in ("shop", "boutique", "none")} == {404}


def test_both_regions_are_read_side_by_side_where_both_are_served(world: World) -> None:
    ada = world.company.client_of(world.company.ada)

    assert [ada.get(f"/o/fernweh/p/{name}/").status_code for name in ("shop", "boutique")] == [200, 200]
    home = ada.get("/?all").content.decode()
    assert ("European Union" in home, "United States" in home) == (True, True)


def test_api_answers_with_a_problem_that_names_the_region(world: World, settings: Any) -> None:
    settings.REGION = "eu"
    ada = world.company.client_of(world.company.ada)
    goal = _goal(world.us)

    answer = ada.get(
        f"/api/v1/properties/{world.us.pk}/credit/", {"goal": goal, "from": "2026-01-01", "to": "2026-01-31"}
    )

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (421, "application/problem+json")
    assert (problem["code"], problem["status"]) == ("wrong_region", 421)
    assert f"Ask {WEB['us']} instead." in problem["detail"]


def test_api_says_where_each_property_is_kept(world: World) -> None:
    ada = world.company.client_of(world.company.ada)

    said = {one["slug"]: one["region"] for one in ada.get("/api/v1/properties/").json()}

    assert said == {"shop": "eu", "boutique": "us"}


def _goal(row: Property) -> int:
    from apps.attribution.models import Goal

    return int(Goal.objects.create(property=row, name="Purchase", event_name="Order Completed").pk)


def _communicator(user: Any, slug: str) -> WebsocketCommunicator:
    one = WebsocketCommunicator(URLRouter(websocket_urlpatterns), f"/ws/o/fernweh/p/{slug}/live/?rows=0")
    one.scope["user"] = user
    return one


@pytest.mark.django_db(transaction=True)
async def test_socket_listens_in_its_region_and_is_refused_in_another(world: World, settings: Any) -> None:
    open_page = _communicator(world.company.ada, "boutique")
    assert (await open_page.connect())[0]
    news = {"type": "journeys.built", "property_id": world.us.pk}
    for layer in ("eu", "default"):  # where nobody listens
        await get_channel_layer(layer).group_send(f"property.{world.us.pk}", news)
    assert await open_page.receive_nothing(0.3)
    await get_channel_layer("us").group_send(f"property.{world.us.pk}", news)
    assert await open_page.receive_json_from() == {"type": "journeys.built"}
    await open_page.disconnect()

    settings.REGION = "eu"
    refused, unknown = _communicator(world.company.ada, "boutique"), _communicator(world.company.mallory, "boutique")
    assert await refused.connect() == (False, WRONG_REGION)
    assert await unknown.connect() == (False, NOT_FOUND)
    await sync_to_async(_delete)(world)


def _delete(world: World) -> None:
    world.company.organization.delete()


def test_task_of_another_region_is_refused_and_routed_to_its_own(world: World, settings: Any) -> None:
    assert queue_of("any", (), {"property_id": world.us.pk}) == {"queue": "region.us"}
    assert queue_of("any", (), {"region": "eu"}) == {"queue": "region.eu"}
    assert queue_of("any", (), {}) is None

    settings.REGION = "eu"
    assert foreign_queues() == ["region.us"]
    with pytest.raises(regions.WrongRegion):
        tasks.build_journeys(property_id=world.us.pk)


def test_task_that_serves_everybody_is_done_once_in_each_region(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    task = celery_app.tasks["attribution.build_all_journeys"]
    monkeypatch.setattr(task, "apply_async", lambda _args, kwargs: asked.append(kwargs))

    task()

    assert asked == [{"region": "eu"}, {"region": "us"}]


def test_task_of_a_region_builds_its_own_properties_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks, "request_build", asked.append)

    tasks.build_all_journeys(region="us")

    assert asked == [world.us.pk]


def test_region_of_a_property_is_never_changed_in_place(world: World) -> None:
    for change in (
        lambda: Property.objects.filter(pk=world.us.pk).update(region="eu"),
        lambda: connection.cursor().execute("UPDATE orgs_property SET region = '' WHERE id = %s", [world.us.pk]),
    ):
        with pytest.raises(DatabaseError, match="not changed in place"), transaction.atomic():
            change()
    assert orgs.assign_region(region="eu", property_ids=[world.us.pk]) == 0


def test_where_there_is_one_region_nobody_is_asked(db: None, clickhouse: None, django_assert_num_queries: Any) -> None:
    company: Company = make_company()

    with django_assert_num_queries(0):
        assert count(company.shop.pk) == 0
    assert (company.shop.region, regions.served(), regions.of_property(10**9)) == ("", ("",), "")
    assert replace(behalf.SYSTEM).region == ""


def test_where_regions_were_taken_away_nothing_is_guessed(world: World, settings: Any) -> None:
    settings.REGIONS = {}
    ada = world.company.client_of(world.company.ada)

    page = ada.get("/o/fernweh/p/boutique/")

    assert (page.status_code, "Nobody has said where this data is kept" in page.content.decode()) == (421, True)
    with pytest.raises(regions.WrongRegion):
        tasks.build_journeys(property_id=world.us.pk)
    with pytest.raises(CommandError, match="REGIONS declares none, but properties belong to: eu, us"):
        call_command("check_regions")
