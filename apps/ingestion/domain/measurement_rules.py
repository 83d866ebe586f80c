"""What the Measurement Protocol asks of a request, said in its own words and codes, for `/debug/mp/collect`."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

MOST_EVENTS, MOST_PARAMS, MOST_USER_PROPERTIES, MOST_ITEMS = 25, 25, 25, 200
MOST_BYTES = 130_000
LONGEST_NAME, LONGEST_USER_PROPERTY, LONGEST_VALUE, LONGEST_USER_VALUE = 40, 24, 100, 36
OLDEST_HOURS = 72

_FIELDS = frozenset(
    """
        client_id app_instance_id user_id timestamp_micros user_properties user_data consent non_personalized_ads events
        ip_override user_agent user_location device validation_behavior
    """.split()  # noqa: SIM905
)
_CONSENTS = frozenset({"ad_user_data", "ad_personalization"})
_FIELDS_OF_EVENT = frozenset({"name", "params", "timestamp_micros"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_RESERVED_PREFIXES = ("_", "firebase_", "ga_", "google_", "gtag.")
_LONG_VALUES = {"page_location": 1_000, "page_referrer": 420, "page_title": 300}
RESERVED_EVENTS = frozenset(
    """
        ad_activeview ad_click ad_exposure ad_query ad_reward adunit_exposure app_background app_clear_data
        app_exception app_install app_remove app_store_refund app_store_subscription_cancel
        app_store_subscription_convert app_store_subscription_renew app_update app_upgrade dynamic_link_app_open
        dynamic_link_app_update dynamic_link_first_open error firebase_campaign firebase_in_app_message_action
        firebase_in_app_message_dismiss firebase_in_app_message_impression first_open first_visit in_app_purchase
        notification_dismiss notification_foreground notification_open notification_receive notification_send os_update
        session_start session_start_with_rollout user_engagement
    """.split()  # noqa: SIM905  a list of words reads better than one of quotes
)
RESERVED_USER_PROPERTIES = frozenset(
    {"first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id", "first_open_after_install"}
)


class Message(NamedTuple):
    """One finding: where, what, and its code."""

    field_path: str
    description: str
    code: str

    def as_document(self) -> dict[str, str]:
        """Return the finding as an answer carries it."""
        return {"fieldPath": self.field_path, "description": self.description, "validationCode": self.code}


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
        *_unknown(hit, _FIELDS, ""),
        *_who(hit),
        *_moment(hit, "timestamp_micros", now),
        *_user_properties(hit),
        *_consent(hit),
        *_events(hit, now),
    ]


def _size(body: bytes) -> Iterator[Message]:
    if len(body) >= MOST_BYTES:
        yield Message("", f"The body of a request is smaller than {MOST_BYTES:,} bytes.", "EXCEEDED_MAX_ENTITIES")


def _unknown(holder: dict[str, Any], fields: frozenset[str], above: str) -> Iterator[Message]:
    for name in sorted(set(holder) - fields)[:MOST_PARAMS]:
        yield Message(f"{above}{name[:60]}", "There is no such field, so nobody reads it.", "VALUE_INVALID")


def _consent(hit: dict[str, Any]) -> Iterator[Message]:
    given = hit.get("consent")
    if given is None:
        return
    if not isinstance(given, dict):
        yield Message("consent", "consent is an object.", "VALUE_INVALID")
        return
    yield from _unknown(given, _CONSENTS, "consent.")
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


def _moment(holder: dict[str, Any], path: str, now: int) -> Iterator[Message]:
    micros = holder.get("timestamp_micros")
    if micros is None:
        return
    try:
        moment = int(micros) // 1000
    except (TypeError, ValueError, OverflowError):
        yield Message(path, "timestamp_micros is a whole number of microseconds since 1970.", "VALUE_INVALID")
        return
    if moment < now - OLDEST_HOURS * 3_600_000 or moment > now + 3_600_000:
        yield Message(path, f"The event lies more than {OLDEST_HOURS} hours back, or ahead.", "VALUE_OUT_OF_BOUNDS")


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
        yield from _name(name, path, LONGEST_USER_PROPERTY, RESERVED_USER_PROPERTIES)
        value = holder.get("value") if isinstance(holder, dict) else holder
        if isinstance(value, str) and len(value) > LONGEST_USER_VALUE:
            yield Message(path, f"A value has at most {LONGEST_USER_VALUE} characters.", "VALUE_OUT_OF_BOUNDS")


def _events(hit: dict[str, Any], now: int) -> Iterator[Message]:
    events = hit.get("events")
    if not isinstance(events, list) or not events:
        yield Message("events", "A request has at least one event.", "VALUE_REQUIRED")
        return
    if len(events) > MOST_EVENTS:
        yield Message("events", f"A request has at most {MOST_EVENTS} events.", "EXCEEDED_MAX_ENTITIES")
    for number, event in enumerate(events[:MOST_EVENTS]):
        path = f"events[{number}]"
        if not isinstance(event, dict):
            yield Message(path, "An event is an object.", "VALUE_INVALID")
            continue
        name = event.get("name")
        if not isinstance(name, str) or not name:
            yield Message(f"{path}.name", "An event has a name.", "VALUE_REQUIRED")
        else:
            yield from _name(name, f"{path}.name", LONGEST_NAME, RESERVED_EVENTS)
        yield from _unknown(event, _FIELDS_OF_EVENT, f"{path}.")
        yield from _moment(event, f"{path}.timestamp_micros", now)
        yield from _params(event, path)


def _params(event: dict[str, Any], path: str) -> Iterator[Message]:
    params = event.get("params")
    if params is None:
        return
    if not isinstance(params, dict):
        yield Message(f"{path}.params", "params is an object.", "VALUE_INVALID")
        return
    if len(params) > MOST_PARAMS:
        yield Message(f"{path}.params", f"An event has at most {MOST_PARAMS} parameters.", "EXCEEDED_MAX_ENTITIES")
    for name, value in params.items():
        where = f"{path}.params.{name[:60]}"
        yield from _name(name, where, LONGEST_NAME, frozenset({"firebase_conversion"}))
        longest = _LONG_VALUES.get(name, LONGEST_VALUE)
        if isinstance(value, str) and len(value) > longest:
            yield Message(where, f"A value has at most {longest} characters.", "VALUE_OUT_OF_BOUNDS")
    yield from _items(params, f"{path}.params.items")
    if params.get("value") is not None:
        if isinstance(params["value"], bool) or not isinstance(params["value"], int | float):
            yield Message(f"{path}.params.value", "value is a number.", "VALUE_INVALID")
        if not params.get("currency"):
            yield Message(f"{path}.params.currency", "An event with a value has a currency.", "VALUE_REQUIRED")


def _items(params: dict[str, Any], path: str) -> Iterator[Message]:
    items = params.get("items")
    if items is None:
        return
    if not isinstance(items, list):
        yield Message(path, "items is a list.", "VALUE_INVALID")
        return
    if len(items) > MOST_ITEMS:
        yield Message(path, f"An event has at most {MOST_ITEMS} items.", "EXCEEDED_MAX_ENTITIES")
    for number, item in enumerate(items[:MOST_ITEMS]):
        if not isinstance(item, dict):
            yield Message(f"{path}[{number}]", "An item is an object.", "VALUE_INVALID")
        elif not (item.get("item_id") or item.get("item_name")):
            yield Message(f"{path}[{number}].item_id", "An item has an item_id or an item_name.", "VALUE_REQUIRED")


def _name(name: str, path: str, longest: int, reserved: frozenset[str]) -> Iterator[Message]:
    if name in reserved or name.startswith(_RESERVED_PREFIXES):
        yield Message(path, f"The name {name[:60]!r} is reserved.", "NAME_RESERVED")
    elif len(name) > longest or not _NAME.match(name):
        detail = f"A name begins with a letter and has letters, digits and _, at most {longest}."
        yield Message(path, detail, "NAME_INVALID")
