"""The attribution cases through the stores: the SQL says what the cases say (R3, R4)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import services
from apps.attribution.domain.cases import Case, compare_conversions, read_cases
from apps.orgs import services as orgs
from apps.orgs.models import Organization, User
from apps.shared import clickhouse
from tests.attribution import worlds
from tests.attribution.case_store import read_credit, store_and_build, without_reasons

DAY = timedelta(days=1)
START = worlds.START
FOLDER = Path(__file__).parents[2] / "attribution" / "cases"


@pytest.mark.django_db
@pytest.mark.usefixtures("clickhouse")
def test_sql_gives_what_every_case_expects(ada: User) -> None:
    """One load, one build a property, one question a method: the cases are many and the test is quick."""
    every = [case for path in sorted(FOLDER.glob("*.yaml")) for case in read_cases(path.read_text(), path.name)]
    cases = [without_reasons(case) for case in every if case.events]
    organization = orgs.create_organization(name="Cases", slug="cases", owner=ada)

    built = store_and_build(cases, lambda slug: _new_property(organization, slug, ada))
    found = read_credit(zip(cases, built, strict=True))

    assert len(cases) >= 150
    assert not [problem for case, got in zip(cases, found, strict=True) for problem in _told(case, got)]


def _new_property(organization: Organization, slug: str, owner: User) -> int:
    row = orgs.create_property(
        organization=organization, name=slug, slug=slug, time_zone="UTC", currency="EUR", made_by=owner
    )
    return int(row.pk)


def _told(case: Case, got: dict[str, object]) -> list[str]:
    return [
        f"{case.file}:{case.line} {case.name}: {one.place}: expected {one.expected}, found {one.found}"
        for one in compare_conversions(case, got)  # type: ignore[arg-type]
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("clickhouse")
@pytest.mark.parametrize("is_incremental", [False, True])
def test_conversion_without_any_id_is_part_of_the_total(property_id: int, is_incremental: bool) -> None:
    """It has nobody's touchpoints and says so; a join on persons would lose it."""
    services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    ann = engine.Event("before", "track", START, START, name="Order Completed", anonymous_id="ann")
    nobody = engine.Event("nobodys", "track", START + DAY, START + DAY, name="Order Completed")

    for event in (ann, nobody):
        worlds.store(property_id, [worlds.Sent(event, {})], timezone.now())
        if is_incremental or event is nobody:
            run = services.build_journeys(property_id=property_id, clock=timezone.now)

    assert run.kind == ("incremental" if is_incremental else "full")
    sql = "SELECT conversion_id, person_id = 0 FROM journeys FINAL WHERE property_id = {property_id:UInt64} ORDER BY 1"
    rows = clickhouse.select(sql, lambda *row: row, property_id=property_id)
    assert rows == [("before", 0), ("nobodys", 1)]
