"""What people do in a visit: pages, goods looked at and put into the cart, signing up, logging in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import drafts, world
from apps.reports.demo.drafts import Table
from apps.reports.demo.people import People
from apps.reports.demo.seasons import draw_from
from apps.reports.demo.visits import NEVER, Visits

_WINTER_PAGE = 5
_LONGEST_PAUSE_MS = 20 * 60_000  # shorter than the gap that ends a visit


@dataclass(frozen=True, slots=True)
class Steps:
    """Every page view: its visit, its place there, when and what; `lasts` are the rows that end visits."""

    visits: NDArray[np.int64]
    places: NDArray[np.int64]
    at: NDArray[np.int64]
    pages: NDArray[np.int64]
    lasts: NDArray[np.int64]


def make_steps(rng: np.random.Generator, visits: Visits) -> Steps:
    """Draw the pages of every visit; one that buys ends with cart, checkout and thanks."""
    counts = rng.geometric(0.36, visits.size) + np.where(visits.buys, 5, 0)
    owners = np.repeat(np.arange(visits.size), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    places = np.arange(len(owners)) - starts[owners]
    pauses = np.minimum(rng.lognormal(np.log(28_000), 0.9, len(owners)), _LONGEST_PAUSE_MS).astype(np.int64)
    pauses[starts] = 0
    walked = np.cumsum(pauses)
    at = visits.at[owners] + walked - walked[starts][owners]
    pages = _pages(rng, visits, owners, places)
    from_end = counts[owners] - 1 - places
    for page, distance in ((world.CART, 2), (world.CHECKOUT, 1), (world.THANKS, 0)):
        pages[visits.buys[owners] & (from_end == distance)] = page
    return Steps(owners, places, at, pages, starts + counts - 1)


def _pages(
    rng: np.random.Generator, visits: Visits, owners: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return a page for each step: some goods are looked at far more than others."""
    size = len(owners)
    liked = 1 / np.arange(1, len(world.GOODS) + 1) ** 0.6
    goods = world.FIRST_PRODUCT + draw_from(rng, size, liked)
    categories = world.FIRST_CATEGORY + rng.integers(0, len(world.CATEGORIES), size)
    what = rng.random(size)
    pages = np.where(what < 0.50, goods, np.where(what < 0.84, categories, np.where(what < 0.95, world.HOME, 4)))
    is_launch = np.array(["winter-launch" in origin.query for origin in world.ORIGINS])[visits.origins[owners]]
    return np.where((places == 0) & is_launch, _WINTER_PAGE, pages)


def known_from(visits: Visits, steps: Steps, people: People) -> NDArray[np.int64]:
    """Return since when each device (person * 2 + slot) carries its user's id; NEVER for most."""
    known = np.full(people.size * 2, NEVER)
    devices = visits.persons * 2 + visits.slots
    known[devices[visits.logs_in]] = visits.at[visits.logs_in] + 15_000
    known[devices[visits.signs_up]] = _signed_up_at(visits, steps)
    return known


def _signed_up_at(visits: Visits, steps: Steps) -> NDArray[np.int64]:
    """Return when the visits that sign up do so: before the thanks page, or on the last one."""
    rows = np.flatnonzero(visits.signs_up)
    return steps.at[steps.lasts[rows]] + np.where(visits.buys[rows], -4_000, 9_000)


def browsing(rng: np.random.Generator, visits: Visits, steps: Steps, people: People) -> list[Table]:
    """Return the events of every visit except its orders."""
    owner = steps.visits
    person, slot = visits.persons[owner], visits.slots[owner]
    in_app = people.machines[person, slot] == world.APP
    rows = drafts.draft(
        len(owner),
        stream=np.where(in_app, drafts.IOS, drafts.WEB),
        kind=np.where(in_app, drafts.SCREEN, drafts.PAGE),
        at=steps.at,
        person=person,
        device=person * 2 + slot,
        origin=np.where(steps.places == 0, visits.origins[owner], -1),
        trip=np.where(steps.places == 0, owner, -1),
        page=steps.pages,
    )
    good = steps.pages - world.FIRST_PRODUCT
    viewed = _tracks(drafts.where(rows, good >= 0), drafts.VIEWED, 700)
    viewed["good"] = good[good >= 0]
    added = _tracks(drafts.where(viewed, rng.random(len(viewed["at"])) < 0.11), drafts.ADDED, 6_000)
    started = (steps.pages == world.CHECKOUT) | ((rng.random(len(owner)) < 0.012) & (steps.places > 2))
    opened = _opened(rows, in_app & (steps.places == 0))
    return [rows, viewed, added, _tracks(drafts.where(rows, started), drafts.CHECKOUT, 1_500), opened]


def _tracks(rows: Table, name: int, later_ms: int) -> Table:
    """Return a track event for each of *rows*, a little later and without an origin of its own."""
    size = len(rows["at"])
    told = drafts.draft(size, kind=drafts.TRACK, name=name, origin=-1)
    return {**rows, "kind": told["kind"], "name": told["name"], "origin": told["origin"], "at": rows["at"] + later_ms}


def _opened(rows: Table, chosen: NDArray[np.bool_]) -> Table:
    """Return the opening of the app: it comes first, so it carries where the person came from."""
    opened = drafts.where(rows, chosen)
    return {**_tracks(opened, drafts.OPENED, -400), "origin": opened["origin"]}


def identities(visits: Visits, steps: Steps, people: People) -> list[Table]:
    """Return sign-ups with their identify, and the identify of each log-in on another device."""
    signed_at = _signed_up_at(visits, steps)
    pieces = []
    for chosen, at in ((visits.where(visits.signs_up), signed_at), (visits.where(visits.logs_in), None)):
        stream = np.where(people.machines[chosen.persons, chosen.slots] == world.APP, drafts.IOS, drafts.WEB)
        said: dict[str, NDArray[np.int64] | int] = {
            "stream": stream,
            "person": chosen.persons,
            "device": chosen.persons * 2 + chosen.slots,
            "is_known": 1,
        }
        known_at = chosen.at + 15_000 if at is None else at
        pieces.append(drafts.draft(chosen.size, kind=drafts.IDENTIFY, at=known_at, **said))
        if at is not None:
            pieces.append(drafts.draft(chosen.size, name=drafts.SIGNED_UP, at=at + 200, **said))
    return pieces
