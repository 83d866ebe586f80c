"""Where a page view came from, worked out once for each pair of addresses: visitors of a page arrive alike."""

from functools import lru_cache
from typing import NamedTuple

import attribution as engine
from apps.ingestion.domain.events import LONGEST_WORD

Stated = tuple[tuple[str, str], ...]
ClickIds = tuple[tuple[str, str, str], ...]

# Longer addresses are one of a kind, and would fill the memory that the short ones use well.
_LONGEST_REMEMBERED = 1_024


class Origin(NamedTuple):
    """The facts of a source as columns: *words* are source, medium, campaign, term and content."""

    words: tuple[str, str, str, str, str]
    click_id_kind: str
    click_id: str
    referrer_host: str
    has_source: bool
    channel: str


def origin_of(
    url: str,
    referrer: str,
    own_domains: frozenset[str],
    exclusions: frozenset[str],
    stated: Stated,
    click_ids: ClickIds = (),
) -> Origin:
    """Return the origin of one event; *stated* is what the client says itself, *click_ids* the property's own."""
    if len(url) + len(referrer) > _LONGEST_REMEMBERED or stated:
        return _origin_of(url, referrer, own_domains, exclusions, stated, click_ids)
    return _remembered(url, referrer, own_domains, exclusions, stated, click_ids)


def _origin_of(
    url: str,
    referrer: str,
    own_domains: frozenset[str],
    exclusions: frozenset[str],
    stated: Stated,
    click_ids: ClickIds,
) -> Origin:
    found = engine.traffic_source(
        url=url,
        referrer=referrer,
        own_domains=own_domains,
        referrer_exclusions=exclusions,
        stated=dict(stated),
        own_click_ids=click_ids,
    )
    words = (found.source, found.medium, found.campaign, found.term, found.content)
    source, medium, campaign, term, content = (word[:LONGEST_WORD] for word in words)
    host = found.referrer_host[:LONGEST_WORD]
    channel = engine.classify_channel(
        source=source, medium=medium, campaign=campaign, click_id_kind=found.click_id_kind, referrer_host=host
    )
    click_id = found.click_id[:LONGEST_WORD]
    return Origin(
        (source, medium, campaign, term, content), found.click_id_kind, click_id, host, found.has_source, channel
    )


_remembered = lru_cache(maxsize=16_384)(_origin_of)
