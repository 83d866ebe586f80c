"""Links that a browser fetches before its person clicks (ADR 0126)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from apps.ingestion.models import Link
from apps.orgs.models import Stream
from apps.shared import clickhouse as facts
from tests.ingestion.processes import Process, wait_until
from tests.sdks.conftest import Arrived, Site, Snippet

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

RULES = '<script type="speculationrules">{{"{}": [{{"urls": ["{}"], "eagerness": "immediate"}}]}}</script>'
HINT = '<link rel="{}" href="{}">'
CLICK = """place => {
    const link = document.createElement("a");
    link.href = place;
    document.body.append(link);
    link.click();
}"""
ASKED = "SELECT count() FROM outcomes WHERE property_id = {property_id:UInt64} AND reason = 'prefetch'"


@pytest.fixture
def link(stream: Stream, site: Site) -> Iterator[Link]:
    """A link to a page of the shop."""
    one = Link.objects.create(property=stream.property, slug="ahead", destination=site.url("/landed"), source="news")
    yield one
    one.delete()


@pytest.mark.parametrize(
    ("how", "purpose"),
    [(RULES, "prefetch"), (RULES, "prerender"), (HINT, "prefetch")],
    ids=["rule-prefetch", "rule-prerender", "hint-prefetch"],
)
def test_click_on_a_link_that_was_fetched_ahead_counts_once(
    tab: Page,
    site: Site,
    snippet: Snippet,
    link: Link,
    arrived: Arrived,
    running_collect: Process,
    how: str,
    purpose: str,
) -> None:
    """R9: the browser would show what it fetched, and nobody would hear of the click."""
    address = f"http://localhost:{running_collect.port}/l/{link.slug}"
    site.head = snippet(pages="off") + how.format(purpose, address)
    before = asked_ahead(link)
    tab.goto(site.url("/start"))
    wait_until(lambda: asked_ahead(link) > before, 30)
    site.head = snippet()

    tab.evaluate(CLICK, address)

    tab.wait_for_url("**/landed?*")
    arrived.wait(1)
    ((source, own_click),) = arrived.rows("source, own_click")
    assert source == "news"
    wait_until(lambda: clicks(link) != [], 30)
    assert clicks(link)[-1] == own_click != ""


def asked_ahead(link: Link) -> int:
    """Return how often programs fetched links of this property ahead."""
    return facts.select(ASKED, int, property_id=link.property_id)[0]


def clicks(link: Link) -> list[str]:
    """Return the ids of the clicks on *link*, in order."""
    sql = """
        SELECT message_id FROM events
        WHERE property_id = {property_id:UInt64} AND kind = 'click' ORDER BY received_at
    """
    return facts.select(sql, str, property_id=link.property_id)
