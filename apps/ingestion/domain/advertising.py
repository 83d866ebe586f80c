"""What an event says that serves advertising alone, taken out where a person agreed to measurement and to no more (R8).

Ids of clicks on other companies' ads and ids of devices for advertising, wherever in the event they stand: as fields of
their own, as ids of such a type, inside addresses, and in JSON that is written as a text. The id of a click on one of
our own links stays: it is measurement.
"""

import re
from collections.abc import Mapping

import msgspec
from msgspec import Raw

import attribution as engine

MASKED = "masked"  # the place in the context that names what was taken out
_AD_IDS = """
    advertisingid idfa gaid aaid rdid oaid googleadvertisingid androidadvertisingid appleadvertisingid
    amazonadvertisingid fbc fbp gclaw gclau clickid adclickid btid urid
""".split()  # noqa: SIM905  names read better without quotes
_SEPARATORS = re.compile(r"[_\-]")
_NAMES = frozenset(_AD_IDS) | {_SEPARATORS.sub("", name) for name in engine.CLICK_IDS}
_PARAMETERS = "|".join(sorted(map(re.escape, engine.CLICK_IDS), key=len, reverse=True))
# Also in an address inside an address, where the signs between are escaped, as often as they are.
_IN_ADDRESS = re.compile(
    rf"(?P<before>^|[?&;#]|%(?:25)*(?:3F|26|23))(?P<name>{_PARAMETERS})(?:=|%(?:25)*3D)"
    r"[^&;#\s%]*(?:%(?!(?:25)*(?:26|23))[^&;#\s%]*)*",
    re.IGNORECASE,
)
_LEFT_OVER = re.compile(r"([?&;#])[&;]+")
_ENDS = re.compile(r"[?&;#]+(?=#|$)")
_SIGNS = "?&;#"
# An address, or JSON, may stand in a text that holds one of these.
_SIGNS_OF_MORE = (b"=", b"%3", b"%25", b"\\u", b'"{', b'"[', b'" ', b'"\\')
_JSON_BEGINS = ("{", "[")
# What the event itself is: ids that it cannot do without, and its times.
_OWN = frozenset(
    ["type", "messageId", "anonymousId", "userId", "previousId", "groupId", "event", "name", "timestamp", "sentAt"]
)
_REFERRER = "referrer"

_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode


def without_advertising(raw: bytes) -> bytes:
    """Return the event *raw* without what serves advertising, and with the names of it in its context."""
    event = _decode_object(raw)
    masked: set[str] = set()
    kept = {name: event[name] for name in event if name in _OWN}
    event = kept | _fields({name: event[name] for name in event if name not in _OWN}, masked)
    if not masked:
        return raw
    context = event.get("context", Raw(b"null"))
    fields = _decode_object(context) if bytes(context).lstrip()[:1] == b"{" else {}
    fields[MASKED] = Raw(_encode(sorted(masked)))
    event["context"] = Raw(_encode(fields))
    return _encode(event)


def masked_in(context: str) -> tuple[str, ...]:
    """Return the names of what was taken out of an event, as its stored *context* says."""
    try:
        said = msgspec.json.decode(context).get(MASKED, ())
    except (msgspec.MsgspecError, AttributeError):
        return ()
    return tuple(str(name) for name in said) if isinstance(said, list) else ()


def _cleaned(value: Raw, masked: set[str]) -> Raw:
    """Return *value* cleaned; numbers and whatever else is left stay as they were written."""
    text = bytes(value).lstrip()
    if text[:1] == b"{":
        return Raw(_encode(_without_typed_id(_fields(_decode_object(text), masked), masked)))
    if text[:1] == b"[":
        return Raw(_encode([_cleaned(one, masked) for one in _decode_list(text)]))
    if text[:1] == b'"' and any(sign in text for sign in _SIGNS_OF_MORE):
        return Raw(_encode(_text(_decode_text(text), masked)))
    return value


def _fields(given: Mapping[str, Raw], masked: set[str]) -> dict[str, Raw]:
    kept: dict[str, Raw] = {}
    for name, value in given.items():
        if _is_named(name) and bytes(value) != b"null":
            masked.add(name)
            continue
        kept[name] = _cleaned(value, masked)
        if name.lower() == _REFERRER and bytes(kept[name])[:1] == b"{":
            kept[name] = _without_its_id(kept[name], masked)
    return kept


def _without_typed_id(fields: dict[str, Raw], masked: set[str]) -> dict[str, Raw]:
    """An id may say what it is beside itself: `{"id": ..., "type": "ios.idfa"}`, as in `externalIds` of Segment."""
    kind = bytes(fields.get("type", b"")).strip(b'"').decode()
    if "id" not in fields or not _is_named(kind.rpartition(".")[2]):
        return fields
    masked.add(kind)
    return {name: value for name, value in fields.items() if name != "id"}


def _is_named(name: str) -> bool:
    return _SEPARATORS.sub("", name).lower() in _NAMES


def _without_its_id(referrer: Raw, masked: set[str]) -> Raw:
    """A referrer that is an object tells the ad by its id, in the protocol of Segment."""
    fields = _decode_object(referrer)
    if fields.pop("id", None) is None:
        return referrer
    masked.add("referrer.id")
    return Raw(_encode(fields))


def _text(text: str, masked: set[str]) -> str:
    if text.lstrip()[:1] in _JSON_BEGINS:
        found: set[str] = set()
        try:
            inside = _cleaned(Raw(text.encode()), found)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return _address(text, masked)
        masked |= found
        return bytes(inside).decode() if found else text
    return _address(text, masked)


def _address(text: str, masked: set[str]) -> str:
    found = {match["name"].lower() for match in _IN_ADDRESS.finditer(text)}
    if not found:
        return text
    masked.update(found)
    rest = _LEFT_OVER.sub(r"\1", _IN_ADDRESS.sub(lambda match: match["before"], text))
    return _ENDS.sub("", rest if text[:1] in _SIGNS else rest.lstrip(_SIGNS))
