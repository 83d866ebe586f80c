"""Deferred deep links: what a click was about is handed to the app at its first start, once, to the one who has its id.

The id of the click comes to the app by the store's referrer, or by whatever else the app has from the person's own
hands. Nobody is recognised by guessing.
"""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec import Struct

from apps.ingestion import wiring
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.reading import malformed
from apps.ingestion.rest import answers, senders
from apps.ingestion.rest.bodies import BodyRefused, read_body
from apps.orgs import api as orgs
from apps.shared import regions

_LONGEST = 200
_MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Opening(Struct, rename="camel"):
    """A first start: which click led to it, and which device it is."""

    click_id: str
    anonymous_id: str
    write_key: str | None = None


class Handover(Struct, rename="camel"):
    """What a click was about."""

    property_id: int
    deep_link: str
    link: str
    source: str
    medium: str
    campaign: str


_decode = msgspec.json.Decoder(Opening).decode
_decode_handover = msgspec.json.Decoder(Handover).decode


def keep(link: LinkInfo, click_id: str) -> None:
    """Keep what a click was about, for the window in which an app may ask."""
    about = Handover(link.property_id, link.deep_link, link.slug, link.source, link.medium, link.campaign)
    kept = msgspec.json.encode(about).decode()
    wiring.marks(link.region).first(f"deferred:{click_id}", kept, milliseconds=_window())


def first_open(request: HttpRequest) -> HttpResponse:  # noqa: PLR0911  one answer for each way to be wrong
    """Hand over what the click was about; the same device may ask again, another may not."""
    if request.method == "OPTIONS":
        return answers.options()
    if request.method != "POST":
        return answers.refused(405, "wrong_method", "Ask with POST.", headers={"Allow": "POST, OPTIONS"})
    try:
        opening = _decode(read_body(request, limit=settings.INGESTION_MAX_EVENT_BYTES))
        key = senders.key_in_header(request) or opening.write_key or senders.key_in_bearer(request)
        stream = senders.stream_of(key)
    except (BodyRefused, *_MALFORMED) as error:
        return _wrong(error)
    except wiring.SOURCE_DOWN:
        return answers.unavailable("keys_unavailable", "The write key cannot be checked just now.")
    if stream is None:
        return answers.refused(401, "unknown_write_key", "No stream has this write key.", field="writeKey")
    if (problem := senders.token_problem(request, stream)) is not None:
        return answers.refused(401, problem.code, problem.detail)
    return _handed(opening, stream.property)


def _wrong(error: Exception) -> HttpResponse:
    if isinstance(error, BodyRefused):
        return answers.refused(error.status, error.reason, error.detail)
    wrong = malformed(error)
    return answers.refused(400, wrong.reason, wrong.detail, field=wrong.field or None)


def _handed(opening: Opening, owner: orgs.PropertyInfo) -> HttpResponse:
    if not regions.is_served(owner.region):
        return answers.misdirected(owner.region)
    try:
        found = _claimed(opening, owner)
    except OSError:
        return answers.unavailable("deferred_unavailable", "What the click was about cannot be looked up just now.")
    if found is None:
        return answers.refused(404, "nothing_deferred", "No click with this id has anything for this device.")
    campaign = {"source": found.source, "medium": found.medium, "name": found.campaign}
    about = {"clickId": opening.click_id, "deepLink": found.deep_link, "link": found.link, "campaign": campaign}
    return answers.document(msgspec.json.encode(about))


def _claimed(opening: Opening, owner: orgs.PropertyInfo) -> Handover | None:
    click_id, device = opening.click_id, opening.anonymous_id
    if not (0 < len(click_id) <= _LONGEST and 0 < len(device) <= _LONGEST and click_id.isprintable()):
        return None
    marks = wiring.marks(owner.region)
    kept = marks.ask(f"deferred:{click_id}")
    found = _decode_handover(kept) if kept else None
    if found is None or found.property_id != owner.id:
        return None
    is_its = marks.first(f"claim:{click_id}", device, milliseconds=_window()) == device
    return found if is_its else None


def _window() -> int:
    return settings.INGESTION_DEFERRED_HOURS * 3_600_000
