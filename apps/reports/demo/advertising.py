"""Banners that were seen, also by people who never came, and tracked links that were clicked."""

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import drafts, seasons, world
from apps.reports.demo.drafts import Table
from apps.reports.demo.people import People
from apps.reports.demo.visits import Visits

_SEEN_BY, _MORE_BANNERS = 0.34, 2.2  # share of people who see banners; how many after the first, on average
STRANGERS = 0.30  # people who only ever see banners, as a share of those who come
_ORIGIN_OF_LINK = np.array(
    [next(row for row, origin in enumerate(world.ORIGINS) if origin.link == link.slug) for link in world.LINKS]
)
_LINK_OF_ORIGIN = np.array(
    [next((row for row, link in enumerate(world.LINKS) if link.slug == origin.link), -1) for origin in world.ORIGINS]
)
_LAUNCH_BANNER = 2


def impressions(rng: np.random.Generator, people: People, start_ms: int) -> Table:
    """Return banners seen around the first visit of some people, and any time by strangers."""
    audience = np.flatnonzero(rng.random(people.size) < _SEEN_BY)
    strangers = people.size + np.arange(int(people.size * STRANGERS))
    counts = 1 + rng.poisson(_MORE_BANNERS, len(audience) + len(strangers))
    persons = np.repeat(np.concatenate([audience, strangers]), counts)
    size, is_stranger = len(persons), persons >= people.size
    around = people.first_at[np.minimum(persons, people.size - 1)] - rng.normal(0.8, 2.5, size) * seasons.DAY_MS
    at = np.where(is_stranger, start_ms + rng.random(size) * world.DAYS * seasons.DAY_MS, around).astype(np.int64)
    links = seasons.draw_from(rng, size, np.array([link.views for link in world.LINKS]))
    links = np.where((links == _LAUNCH_BANNER) & ~_in_launch(at, start_ms), 0, links)
    rows = drafts.draft(
        size, stream=drafts.NO_STREAM, kind=drafts.IMPRESSION, at=at, person=persons, device=persons * 2, is_known=0,
        origin=_ORIGIN_OF_LINK[links], link=links,
    )  # fmt: skip
    return drafts.where(rows, at >= start_ms)


def _in_launch(at: NDArray[np.int64], start_ms: int) -> NDArray[np.bool_]:
    begins = start_ms + world.LAUNCH_DAY * seasons.DAY_MS
    return (at >= begins) & (at < begins + world.LAUNCH_DAYS * seasons.DAY_MS)


def clicks(visits: Visits) -> Table:
    """Return the click that each visit through a tracked link began with."""
    links = _LINK_OF_ORIGIN[visits.origins]
    through = visits.where(links >= 0)
    return drafts.draft(
        through.size, stream=drafts.NO_STREAM, kind=drafts.CLICK, at=through.at - 900, person=through.persons,
        device=through.persons * 2 + through.slots, is_known=0, origin=through.origins, link=links[links >= 0],
        trip=np.flatnonzero(links >= 0),
    )  # fmt: skip
