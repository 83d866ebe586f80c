"""Single events for programs: the list and the story of the pages, hidden from keys that may not see persons."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.event_rows import EventRow, rows_for
from apps.reports.event_search import read_search, whose
from apps.reports.rest.event_serializers import EventPage, EventQuery, EventsQuery, EventStory
from apps.reports.story import Story, story
from apps.reports.story.stages import Stage
from apps.shared.clickhouse import StoreUnavailable
from apps.shared.json_documents import read_json


class Events(orgs.PropertyView):
    """What was received, whatever became of it."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        parameters=[EventsQuery], responses=EventPage, operation_id="events", tags=["events"],
        summary="Events that were received, newest first, with the end of each",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """List events by state, kind, name, stream, time, text or person, a page at a time."""
        asked = EventsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        access = _access(request)
        query = {name: str(value) for name, value in request.query_params.items()}
        search = read_search(query, sees_personal=access.may(orgs.Permission.EVENTS_PERSONAL))
        meant = whose(self.info, search) if search.q else [search.wanted(self.info.time_zone)]
        page = ingestion.HappeningPage(())
        for wanted in meant:
            page = ingestion.happenings(
                property_id, wanted, now=timezone.now(), cursor=given["cursor"], limit=given["limit"]
            )
            if page.rows:
                break
        rows = [_row(row) for row in rows_for(self.info, access).of(page.rows)]
        return Response(EventPage({"events": rows, "next_cursor": page.next_cursor}).data)


class Event(orgs.PropertyView):
    """The whole way of one event."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        responses=EventStory, operation_id="event", tags=["events"],
        summary="What became of an event, stage by stage, beside what was sent",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, message_id: str) -> Response:
        """Tell the story of a message id, or of the X-Request-ID of a refused request."""
        return self._answer(request, property_id, message_id)

    def _answer(self, request: Request, property_id: int, message_id: str) -> Response:
        given: dict[str, Any] = {"property_id": property_id, "message_id": message_id.replace("\x00", "")}
        try:
            found = ingestion.find_event(**given)
        except StoreUnavailable:
            found = ingestion.find_waiting(**given)
            if not found.waiting:
                raise  # whether it is stored cannot be known now
        told = story(self.info, found, access=_access(request))
        if not told.is_known:
            raise NotFound("No message with this id was received.")
        return Response(EventStory(_told(told)).data)


class EventOfAnyId(Event):
    """The whole way of one event, whatever its id is made of."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        parameters=[EventQuery], responses=EventStory, operation_id="event_of_any_id", tags=["events"],
        summary="What became of an event whose id fits into no path",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # type: ignore[override]
        """Tell the same story by `?message_id=`: clients and proxies resolve a path of `..` or two slashes."""
        asked = EventQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return self._answer(request, property_id, asked.validated_data["message_id"])


def _access(request: Request) -> orgs.Access:
    access: orgs.Access = request._request.access  # type: ignore[attr-defined]  # noqa: SLF001
    return access


def _row(row: EventRow) -> dict[str, Any]:
    names = ("message_id", "state", "reason", "detail", "kind", "name", "received_at", "stream", "who", "page_path")
    more = ("channel", "source", "value", "currency", "country", "device")
    return {name: getattr(row, name) for name in (*names, *more)}


def _told(told: Story) -> dict[str, Any]:
    documents = told.documents
    return {
        "message_id": told.message_id,
        "state": told.state,
        "stream": told.stream,
        "stages": [_stage(one) for one in told.stages],
        "payload": {
            "state": documents.payload_state,
            "text": documents.kept,
            "received": _document(documents.sent),
            "stored": _document(documents.stored),
            "others": [_document(one) for one in documents.ends],
        },
        "differences": [
            {"path": one.path, "received": one.sent, "column": one.column, "stored": one.stored, "how": one.how,
             "rule": one.rule}
            for one in documents.members
        ],
    }  # fmt: skip


def _stage(one: Stage) -> dict[str, Any]:
    took = None if one.took is None else round(one.took.total_seconds() * 1000)
    return {"name": one.name, "at": one.at, "took_ms": took, "text": one.detail}


def _document(text: str) -> Any:
    """Return a document as JSON; what is none, as text."""
    try:
        return read_json(text) if text else None
    except (ValueError, RecursionError):
        return text
