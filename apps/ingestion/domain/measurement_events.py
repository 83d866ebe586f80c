"""What the Measurement Protocol asks of the events of a request: names, parameters, items, times."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

MOST_EVENTS, MOST_PARAMS, MOST_ITEMS = 25, 25, 200
LONGEST_NAME, LONGEST_VALUE = 40, 100
OLDEST_HOURS = 72

_FIELDS = frozenset({"name", "params", "timestamp_micros"})
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


class Message(NamedTuple):
    """One finding: where, what, and its code."""

    field_path: str
    description: str
    code: str

    def as_document(self) -> dict[str, str]:
        """Return the finding as an answer carries it."""
        return {"fieldPath": self.field_path, "description": self.description, "validationCode": self.code}


def events(hit: dict[str, Any], now: int) -> Iterator[Message]:
    """Yield what is wrong with the events of *hit*; *now* in milliseconds."""
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
            yield from name_problem(name, f"{path}.name", LONGEST_NAME, RESERVED_EVENTS)
        yield from unknown(event, _FIELDS, f"{path}.")
        yield from moment(event, f"{path}.timestamp_micros", now)
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
        yield from name_problem(name, where, LONGEST_NAME, frozenset({"firebase_conversion"}))
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


def unknown(holder: dict[str, Any], fields: frozenset[str], above: str) -> Iterator[Message]:
    """Yield the fields of *holder* that nobody reads."""
    for name in sorted(set(holder) - fields)[:MOST_PARAMS]:
        yield Message(f"{above}{name[:60]}", "There is no such field, so nobody reads it.", "VALUE_INVALID")


def moment(holder: dict[str, Any], path: str, now: int) -> Iterator[Message]:
    """Yield what is wrong with the time in *holder*; *now* in milliseconds."""
    micros = holder.get("timestamp_micros")
    if micros is None:
        return
    try:
        said = int(micros) // 1000
    except (TypeError, ValueError, OverflowError):
        yield Message(path, "timestamp_micros is a whole number of microseconds since 1970.", "VALUE_INVALID")
        return
    if said < now - OLDEST_HOURS * 3_600_000 or said > now + 3_600_000:
        yield Message(path, f"The event lies more than {OLDEST_HOURS} hours back, or ahead.", "VALUE_OUT_OF_BOUNDS")


def name_problem(name: str, path: str, longest: int, reserved: frozenset[str]) -> Iterator[Message]:
    """Yield what is wrong with a name."""
    if name in reserved or name.startswith(_RESERVED_PREFIXES):
        yield Message(path, f"The name {name[:60]!r} is reserved.", "NAME_RESERVED")
    elif len(name) > longest or not _NAME.match(name):
        detail = f"A name begins with a letter and has letters, digits and _, at most {longest}."
        yield Message(path, detail, "NAME_INVALID")
