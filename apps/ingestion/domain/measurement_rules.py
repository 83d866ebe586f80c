"""What the Measurement Protocol asks of a request, said in its own words and codes, for `/debug/mp/collect`."""

from collections.abc import Iterator
from typing import Any

import msgspec

from apps.ingestion.domain.measurement_events import Message, events, moment, name_problem, unknown

MOST_BYTES, MOST_USER_PROPERTIES = 130_000, 25
LONGEST_USER_PROPERTY, LONGEST_USER_VALUE = 24, 36

_FIELDS = frozenset(
    """
        client_id app_instance_id user_id timestamp_micros user_properties user_data consent non_personalized_ads events
        ip_override user_agent user_location device validation_behavior
    """.split()  # noqa: SIM905  words read better without quotes
)
_CONSENTS = frozenset({"ad_user_data", "ad_personalization"})
RESERVED_USER_PROPERTIES = frozenset(
    {"first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id", "first_open_after_install"}
)


_decode = msgspec.json.Decoder().decode


def findings(body: bytes, *, now: int) -> list[Message]:
    """Return everything that is wrong with a request; *now* in milliseconds. Never raises."""
    try:
        hit = _decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return [Message("", f"Unable to parse Measurement Protocol JSON payload. {error}"[:300], "VALUE_INVALID")]
    if not isinstance(hit, dict):
        return [Message("", "The payload is no JSON object.", "VALUE_INVALID")]
    return [
        *_size(body),
        *unknown(hit, _FIELDS, ""),
        *_who(hit),
        *moment(hit, "timestamp_micros", now),
        *_user_properties(hit),
        *_consent(hit),
        *events(hit, now),
    ]


def _size(body: bytes) -> Iterator[Message]:
    if len(body) >= MOST_BYTES:
        yield Message("", f"The body of a request is smaller than {MOST_BYTES:,} bytes.", "EXCEEDED_MAX_ENTITIES")


def _consent(hit: dict[str, Any]) -> Iterator[Message]:
    given = hit.get("consent")
    if given is None:
        return
    if not isinstance(given, dict):
        yield Message("consent", "consent is an object.", "VALUE_INVALID")
        return
    yield from unknown(given, _CONSENTS, "consent.")
    for name in sorted(_CONSENTS & set(given)):
        if given[name] not in ("GRANTED", "DENIED"):
            yield Message(f"consent.{name}", "It is GRANTED or DENIED.", "VALUE_INVALID")


def _who(hit: dict[str, Any]) -> Iterator[Message]:
    ids = [name for name in ("client_id", "app_instance_id") if hit.get(name)]
    if not ids:
        yield Message("client_id", "Measurement requires a client_id, or an app_instance_id.", "VALUE_REQUIRED")
    for name in ("client_id", "app_instance_id", "user_id"):
        if not isinstance(hit.get(name, ""), str | None):
            yield Message(name, f"{name} is a text.", "VALUE_INVALID")


def _user_properties(hit: dict[str, Any]) -> Iterator[Message]:
    given = hit.get("user_properties")
    if given is None:
        return
    if not isinstance(given, dict):
        yield Message("user_properties", "user_properties is an object.", "VALUE_INVALID")
        return
    if len(given) > MOST_USER_PROPERTIES:
        yield Message("user_properties", f"At most {MOST_USER_PROPERTIES} properties.", "EXCEEDED_MAX_ENTITIES")
    for name, holder in given.items():
        path = f"user_properties.{name[:60]}"
        yield from name_problem(name, path, LONGEST_USER_PROPERTY, RESERVED_USER_PROPERTIES)
        value = holder.get("value") if isinstance(holder, dict) else holder
        if isinstance(value, str) and len(value) > LONGEST_USER_VALUE:
            yield Message(path, f"A value has at most {LONGEST_USER_VALUE} characters.", "VALUE_OUT_OF_BOUNDS")
