"""The live side of a property's pages: arriving events as rows, and the word that figures can be asked again."""

import json
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import get_supported_language_variant

from apps.accounts import api as accounts
from apps.orgs import api as orgs
from apps.reports.live_rows import Filter, live_message
from apps.shared import behalf

NOT_FOUND = 4404
RECHECK_SECONDS = 30.0


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page. Who is no member gets the same end as for a property that does not exist (R5)."""

    info: orgs.PropertyInfo | None = None
    group = ""
    wants_rows = False

    async def connect(self) -> None:
        """Join the property's group, or close."""
        query = {name: values[-1] for name, values in parse_qs(self.scope["query_string"].decode("latin-1")).items()}
        self.wants_rows = query.get("rows") == "1"
        self.info = await self._admitted()
        if self.info is None:
            await self.close(NOT_FOUND)
            return
        self.wanted = Filter(query.get("kind", ""), query.get("name", ""))
        self.language = _language(self.scope.get("cookies", {}))
        self.checked_at = time.monotonic()
        self.group = f"property.{self.info.id}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  the framework's signature
        """Leave the group."""
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def events_stored(self, message: dict[str, Any]) -> None:
        """Put the newest events on top of the live page."""
        if not self.wants_rows or self.info is None or not await self._is_still_admitted():
            return
        text = live_message(self.info, message["last"], self.wanted, language=self.language)
        if text:
            await self.send(text)

    async def journeys_built(self, message: dict[str, Any]) -> None:  # noqa: ARG002  the message is the news
        """Tell a report that its figures have changed."""
        if not self.wants_rows and await self._is_still_admitted():
            await self.send(json.dumps({"type": "journeys.built"}))

    async def training_moved(self, message: dict[str, Any]) -> None:  # noqa: ARG002  the message is the news
        """Tell a page that shows trainings that one has moved on."""
        if not self.wants_rows and await self._is_still_admitted():
            await self.send(json.dumps({"type": "training.moved"}))

    async def _is_still_admitted(self) -> bool:
        """Look again from time to time: a membership can end while a page stays open."""
        if time.monotonic() - self.checked_at < RECHECK_SECONDS:
            return True
        self.checked_at = time.monotonic()
        if await self._admitted() is not None:
            return True
        await self.close(NOT_FOUND)
        return False

    @database_sync_to_async
    def _admitted(self) -> orgs.PropertyInfo | None:
        """Return the property when the person may see it."""
        place, user = self.scope["url_route"]["kwargs"], self.scope["user"]
        if not user.is_authenticated or not user.is_active:
            return None
        with behalf.acting(behalf.of_person(user.pk)):
            try:
                info = orgs.property_by_slugs(organization=place["organization"], slug=place["property"])
            except ObjectDoesNotExist:
                return None
            session = self.scope.get("session", {})
            if not accounts.may_enter(organization=place["organization"], user=user, session=session):
                return None
            access = orgs.access_of(user, organization_id=info.organization_id)
        needed = orgs.Permission.EVENTS if self.wants_rows else orgs.Permission.REPORTS
        return info if access and access.reaches(info.id) and access.may(needed) else None


def _language(cookies: dict[str, str]) -> str:
    """Return the language that the person chose on the pages."""
    try:
        return get_supported_language_variant(cookies.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE))
    except LookupError:
        return settings.LANGUAGE_CODE
