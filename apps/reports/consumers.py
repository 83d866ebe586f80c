"""The live side of a property's pages: arriving events as rows, and the word that figures can be asked again."""

import asyncio
import json
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels import DEFAULT_CHANNEL_LAYER
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import get_supported_language_variant

from apps.accounts import api as accounts
from apps.orgs import api as orgs
from apps.reports.event_rows import rows_for
from apps.reports.event_search import read_search, whose
from apps.reports.live_feed import Feed
from apps.shared import behalf, regions
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable

NOT_FOUND, WRONG_REGION = 4404, 4421
# How long a page may stay open whose session has ended or whose right was taken.
RECHECK_SECONDS = 5.0
# Two messages a second are as fast as anybody reads, and bound what a burst costs.
EVERY_SECONDS = 0.5
log = structlog.get_logger(__name__)
Admitted = tuple[orgs.PropertyInfo, orgs.Access]


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page. Who is no member gets the same end as for a property that does not exist (R5)."""

    group = ""
    wants_rows = False
    feed: Feed | None = None
    following: "asyncio.Task[None] | None" = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Listen in the region of the property: events on their way to its pages stay there."""
        if regions.declared():
            self.channel_layer_alias = await _layer_of(scope["url_route"]["kwargs"])
        await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        """Join the property's group, or close."""
        query = {name: values[-1] for name, values in parse_qs(self.scope["query_string"].decode("latin-1")).items()}
        self.wants_rows = query.get("rows") == "1"
        admitted = await self._admitted()
        if admitted is None:
            await self.close(NOT_FOUND)
            return
        if not regions.is_served(admitted[0].region):
            await self.close(WRONG_REGION)
            return
        self.news, self.sees_personal = asyncio.Event(), _sees_personal(admitted)
        self.group = f"property.{admitted[0].id}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        if self.wants_rows:
            self.feed = await self._feed(admitted, query)
        self.following = asyncio.create_task(self._follow())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  the framework's signature
        """Leave the group."""
        if self.following is not None:
            self.following.cancel()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def events_stored(self, message: dict[str, Any]) -> None:
        """Note that events arrived; the live page is shown them at its next turn."""
        if self.feed is not None:
            self.feed.hear(message)
            self.news.set()

    async def journeys_built(self, message: dict[str, Any]) -> None:  # noqa: ARG002  the message is the news
        """Tell a report that its figures have changed."""
        if not self.wants_rows:
            await self.send(json.dumps({"type": "journeys.built"}))

    async def training_moved(self, message: dict[str, Any]) -> None:  # noqa: ARG002  the message is the news
        """Tell a page that shows trainings that one has moved on."""
        if not self.wants_rows:
            await self.send(json.dumps({"type": "training.moved"}))

    async def _follow(self) -> None:
        """Show what is new, and close as soon as the session has ended or the right was taken."""
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        while True:
            if self.feed is not None:
                await self._show(self.feed)
            await asyncio.sleep(min(EVERY_SECONDS, RECHECK_SECONDS))
            is_busy = self.feed is not None and self.feed.is_busy
            left = checked_at + RECHECK_SECONDS - loop.time()
            if left > 0 and not is_busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), left)
            self.news.clear()
            if loop.time() >= checked_at + RECHECK_SECONDS:
                checked_at = loop.time()
                admitted = await self._admitted()
                if admitted is None:
                    await self.close(NOT_FOUND)
                    return
                if _sees_personal(admitted) != self.sees_personal:
                    await self.close()  # the page comes back by itself, and begins anew with what may be seen now
                    return

    async def _show(self, feed: Feed) -> None:
        try:
            text = await self._next(feed)
        except (StoreUnavailable, QueryTooLarge) as error:
            log.warning(
                "live.not_shown", error=str(error)[:200]
            )  # the page keeps what it has; the next turn asks again
            return
        if text:
            await self.send(text)

    @database_sync_to_async
    def _next(self, feed: Feed) -> str:
        with behalf.acting(self.behalf):
            return feed.next()

    @database_sync_to_async
    def _feed(self, admitted: Admitted, query: dict[str, str]) -> Feed:
        info, access = admitted
        with behalf.acting(self.behalf):
            search = read_search(query, sees_personal=_sees_personal(admitted))
            meant = whose(info, search) if search.q else []
            wanted = meant[0] if meant else search.wanted(info.time_zone)
            return Feed(info, wanted, rows_for(info, access), language=_language(query.get("language", "")))

    @database_sync_to_async
    def _admitted(self) -> Admitted | None:
        """Return the property and the person's access when they may see it."""
        place, session = self.scope["url_route"]["kwargs"], _session_now(self.scope)
        user: Any = self.scope["user"] if session is None else get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
        if not user.is_authenticated or not user.is_active:
            return None
        with behalf.acting(behalf.of_person(user.pk)):
            try:
                info = orgs.property_by_slugs(organization=place["organization"], slug=place["property"])
            except ObjectDoesNotExist:
                return None
            if not accounts.may_enter(organization=place["organization"], user=user, session=session or {}):
                return None
            access = orgs.access_of(user, organization_id=info.organization_id)
        needed = orgs.Permission.EVENTS if self.wants_rows else orgs.Permission.REPORTS
        if access is None or not access.reaches(info.id) or not access.may(needed):
            return None
        self.behalf = behalf.of_organization(access.organization_id, access.limits, region=info.region)
        return info, access


def _sees_personal(admitted: Admitted) -> bool:
    return admitted[1].may(orgs.Permission.EVENTS_PERSONAL)


def _session_now(scope: dict[str, Any]) -> Any:
    """Return the session as it is kept now, not as it was when the page was opened: it may have been ended elsewhere.

    None where the connection came without any.
    """
    session = scope.get("session")
    if session is None:
        return None
    return import_module(settings.SESSION_ENGINE).SessionStore(session.session_key)


@database_sync_to_async
def _layer_of(place: dict[str, str]) -> str:
    """Return the layer of a property's region; that of the installation where no page of it may be open here."""
    with behalf.acting(behalf.of_system()):
        info = orgs.find_property(organization=place["organization"], slug=place["property"])
    return regions.stores(info.region).layer if info and regions.is_served(info.region) else DEFAULT_CHANNEL_LAYER


def _language(said: str) -> str:
    """Return the language that the page says it is in: a browser may ask for another one on its socket."""
    try:
        return get_supported_language_variant(said or settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE
