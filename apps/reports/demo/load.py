"""Loading the demo: accounts, settings, 90 days of events and their journeys, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.demo import accounts, arrivals, company
from apps.reports.demo.accounts import DemoLogin
from apps.reports.demo.columns import Doors
from apps.reports.demo.company import Company
from apps.reports.demo.events import make_events
from apps.reports.demo.outcomes import make_outcomes

LEFT_TO_THE_WORKER = "incremental"
Tell = Callable[[str], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is there now; `events` is 0 when everything was there before."""

    login: DemoLogin
    events: int


def load_demo(
    *, seed: int, persons: int, now: datetime, folder: Path, is_reset: bool, tell: Tell, clock: Clock
) -> Loaded:
    """Load the demo unless it is there. What an interrupted run left is thrown away and made again."""
    is_complete = _stamp(folder).exists() and company.find_company(company.SHOP) is not None
    login = accounts.keep_login(folder)
    if is_complete and not is_reset:
        return Loaded(login, 0)
    _clear(folder)
    made = company.make_shop(login.password)
    company.make_roastery(login.password)
    events = _fill(made, seed=seed, persons=persons, now=now, tell=tell)
    tell("building journeys")
    attribution.build_journeys(property_id=made.property.id, clock=clock, is_full=True)
    tell("training data-driven methods")
    _train(made, now=now, clock=clock)
    # Last of all: where processes run already, what arrives has the worker build.
    tell("sending the last hours through the door")
    arrivals.expect(made, made_by=None)
    arrivals.arrive(made, seed=seed, now=now)
    _stamp(folder).write_text(f"seed {seed}, {persons} people, until {now.isoformat()}\n", encoding="utf-8")
    return Loaded(login, events)


def _train(made: Company, *, now: datetime, clock: Clock) -> None:
    """Train the data-driven methods of the primary goal, so that a new user sees them at once.

    The slowest of them is left to the worker, which begins when it starts.
    """
    property_id, goal = made.property.id, attribution.goals(made.property.id)[0]
    window = attribution.default_window(
        property_id=property_id, goal_id=goal.id, days=attribution.DEFAULT_DAYS, now=now
    )
    # Those of this process come first: of a property, one training is under way at a time.
    for method in sorted(attribution.learned_methods(), key=lambda method: method.name == LEFT_TO_THE_WORKER):
        run = attribution.ask_training(
            property_id=property_id, goal_id=goal.id, method=method.name, window=window, asked_by=None, now=clock()
        )
        if method.name == LEFT_TO_THE_WORKER:
            attribution.request_training(run.pk, property_id)
        else:
            attribution.train_method(training_id=run.pk, clock=clock)


def doors_of(made: Company) -> Doors:
    """Return the ids of *made* with ingestion's own rules about sources and keys."""
    rules = ingestion.surroundings(made.property, made.streams[0], "web")
    return Doors(
        property_id=made.property.id,
        streams=made.streams,
        links=made.links,
        source_facts=lambda url, referrer: ingestion.source_facts(url=url, referrer=referrer, surroundings=rules),
        device_key=lambda anonymous_id: ingestion.device_key(anonymous_id, ""),
        user_key=lambda user_id: ingestion.person_key("", user_id),
    )


def _fill(made: Company, *, seed: int, persons: int, now: datetime, tell: Tell) -> int:
    tell(f"drawing {persons:,} people")
    columns = make_events(seed=seed, size=persons, now=now, doors=doors_of(made))
    ids = columns["message_id"]
    outcomes = make_outcomes(
        seed=seed, now=now, property_id=made.property.id, stream_id=made.streams[0], message_ids=ids
    )
    tell(f"storing {len(ids):,} events")
    stored = ingestion.store_events(columns)
    ingestion.store_outcomes(outcomes)
    return stored


def _clear(folder: Path) -> None:
    """Take away the demo's organizations with everything that belongs to them."""
    _stamp(folder).unlink(missing_ok=True)
    for address in (company.SHOP, company.ROASTERY):
        for property_id in orgs.delete_organization(slug=address[0]):
            attribution.delete_property(property_id=property_id)
            ingestion.delete_property(property_id=property_id)


def _stamp(folder: Path) -> Path:
    return folder / "demo-loaded.txt"
