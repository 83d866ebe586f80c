"""What the events since the watermark can reach is built again, and nothing else: the small builds of every minute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.attribution import journey_sql
from apps.attribution.adapters import clickhouse_journeys as journeys
from apps.attribution.adapters import clickhouse_persons as persons
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.reading import ReadingRules, WhoIsWho
from apps.attribution.models import BuildRun

# One pass over everything is cheaper than looking up more ids than one for so many events (ADR 0106); looking up this
# few is quick in any case, and more than that many do not fit into memory here.
EVENTS_PER_ID = 20
FEW_IDS, MOST_IDS = 20_000, 1_000_000
MOST_ORDERS = 20_000
# Persons whose journeys one statement builds.
PERSONS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Build:
    """One build: whose, by which number, under which rules, and what these mean for the ids of the property.

    `parted` are the keys that rules about ids parted, or let join again, since the last one.
    """

    property_id: int
    number: int
    since: datetime | None
    reading: ReadingRules
    who: WhoIsWho
    parted: frozenset[int] = frozenset()

    @property
    def version(self) -> int:
        """The version of the rows that it writes."""
        return journeys.conversion_version(self.number)


def catch_up(build: Build, run: BuildRun, rules: Sequence[Rule]) -> bool:
    """Rebuild what is new can reach; False when it reaches so far that everything must be built."""
    if run.stored_from is None:
        return False
    news = persons.window(run.property_id, build.who, run.stored_from, ids=MOST_IDS, orders=MOST_ORDERS)
    run.events, run.stored_to = news.events, news.stored_to or run.stored_to
    if news.earliest is None and not build.parted:
        return True
    if len(news.orders) > MOST_ORDERS or _is_far(build.property_id, max(len(news.keys), len(news.devices))):
        return False
    reached, has_moved = _catch_up_persons(build, news)
    run.persons = len(reached)
    if _is_far(build.property_id, len(reached)):
        return False
    if rules:
        # Whoever gained or lost an id has it all to be looked at again, from the beginning.
        since = persons.EPOCH if has_moved or news.earliest is None else news.earliest
        for some in _parts(reached):
            _build_persons(build, rules, some, since)
        journeys.write_refunds(build.property_id, rules, build=build.number, orders=news.orders)
    return True


def write(build: Build, rules: Sequence[Rule], reach: journey_sql.Reach, *, since: datetime) -> None:
    """Write the conversions in reach from *since* on."""
    journeys.write_journeys(build.property_id, rules, reach, build.reading, since=since, version=build.version)


def _is_far(property_id: int, ids: int) -> bool:
    """Tell whether so many ids are looked up at a higher price than everything is built for."""
    if ids <= FEW_IDS:
        return False
    return ids > MOST_IDS or ids * EVENTS_PER_ID > persons.count_events(property_id)


def _parts(reached: set[int]) -> Iterator[list[int]]:
    """Return persons in parts, in the order in which their events lie: each part reads a stretch of them.

    Nobody has two names, and one part for both.
    """
    ordered = sorted(persons.nobody_once(reached))
    return (ordered[at : at + PERSONS_AT_ONCE] for at in range(0, len(ordered), PERSONS_AT_ONCE))


def _build_persons(build: Build, rules: Sequence[Rule], some: Sequence[int], since: datetime) -> None:
    reach = persons.reach_of(build.property_id, build.who, build.reading, some)
    # Most visitors buy nothing: reading the past of those who did is a fraction of the work.
    if buyers := persons.converting(build.property_id, rules, reach, since):
        write(build, rules, persons.reach_of(build.property_id, build.who, build.reading, buyers), since=since)


def _catch_up_persons(build: Build, news: persons.Window) -> tuple[set[int], bool]:
    """Bring persons up to date; return those whose journeys may change, and whether an id changed hands."""
    roots = build.who.roots
    touched = {roots.get(key, key) for key in news.keys}
    joined = {user for user, root in roots.items() if root in touched}
    keys = {*news.keys, *news.devices, *joined, *touched}
    if build.who.rules.apart:  # an alias of before may be the one that holds now, and others none any more
        keys |= persons.users_who_moved(build.property_id, build.who)
    # Whom a rule about ids concerns is known once every link was looked at.
    changes = persons.person_changes(build.property_id, build.who, None if build.parted else sorted(keys))
    persons.write_persons(build.property_id, changes, build.version)
    moved = {person for change in changes for person in (change.person, change.before)}
    touched = persons.persons_touched(build.property_id, keys | build.parted, {*news.devices, *build.parted})
    return touched | moved, bool(changes or build.parted)
