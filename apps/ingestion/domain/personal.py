"""What of an event is about a person, hidden from readers who may not see it: ids, addresses, names, numbers of phones.

It goes by the names of members, by the shape of values, and rather hides too much: this is for looking at an event's
structure, not a promise that nobody could be guessed from it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.ingestion.domain.differences import Difference
from apps.shared.json_documents import read_json

HIDDEN = "•••"
_SHORT = 6  # characters of an id of which nothing may be left

# Only where a word begins: from each of its characters anew, a long one would take the square of its length.
_E_MAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{1,4}\b")
_PHONE = re.compile(r"(?<![\w.])\+\d[\d ()./-]{6,18}\d")
# Names of members, without what separates their words.
_NAMES_LISTED = """
    email mail emailaddress phone phonenumber tel mobile firstname lastname fullname givenname familyname surname
    middlename nickname username login address street streetaddress address1 address2 city zip zipcode postal postalcode
    postcode birthday birthdate dateofbirth dob age gender sex ip ipaddress useragent password passwd token secret iban
    bic card cardnumber taxid vat passport ssn avatar latitude longitude lat lng lon location
    userid anonymousid previousid deviceid advertisingid idfa idfv gaid customerid clientid personid personkey devicekey
    uid aid referrerid clickid
"""
_NAMES = frozenset(_NAMES_LISTED.split())
_BELOW_TRAITS = frozenset({"name", "title", "id", "description", "website", "company"})
_WORDS = re.compile(r"[^a-z0-9]")


def masked_id(text: str) -> str:
    """Return an id of which at most its first two characters are left: enough to tell two in a list apart."""
    return f"{text[:2] if len(text) > _SHORT else ''}{HIDDEN}" if text else ""


def masked_text(text: str) -> str:
    """Return *text* without e-mail addresses, network addresses and numbers of phones."""
    for pattern in (_E_MAIL, _ADDRESS, _PHONE):
        text = pattern.sub(HIDDEN, text)
    return text


def is_personal(path: str) -> bool:
    """Tell whether the member at *path* (`traits.email`) is about a person, by its name."""
    *above, last = path.split(".")
    name = _WORDS.sub("", last.lower())
    if name in _NAMES or name.endswith(("email", "phone", "ipaddress")):
        return True
    if above and above[-1] == "device" and name == "id":
        return True
    return "traits" in above and name in _BELOW_TRAITS


def masked(value: Any, path: str = "") -> Any:
    """Return a JSON value in which what is personal is hidden, and the structure is whole."""
    if isinstance(value, dict):
        return {name: masked(inner, f"{path}.{name}" if path else str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, path) for inner in value]
    if value in (None, "") or isinstance(value, bool):
        return value
    if path and is_personal(path):
        return masked_id(str(value)) if _WORDS.sub("", path.lower()).endswith("id") else HIDDEN
    return masked_text(value) if isinstance(value, str) else value


def masked_json(text: str, path: str = "") -> str:
    """Return a JSON document as text with what is personal hidden; of what is no JSON nothing is shown."""
    try:
        return json.dumps(masked(read_json(text), path), ensure_ascii=False) if text else ""
    except (ValueError, RecursionError):
        return HIDDEN


def masked_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the columns of a stored event with what is personal hidden."""
    found: dict[str, object] = {}
    for name, value in fields.items():
        if name in ("properties", "context"):
            about_traits = name == "properties" and fields.get("kind") in ("identify", "group")
            found[name] = masked_json(str(value), "traits" if about_traits else name)
        elif is_personal(name) and value not in ("", 0, None):
            found[name] = masked_id(str(value))
        else:
            found[name] = masked_text(value) if isinstance(value, str) and name != "message_id" else value
    return found


def masked_difference(one: Difference) -> Difference:
    """Return a member of what was sent with both its values hidden where they are personal."""
    path = one.path or one.column
    return replace(one, sent=_masked_value(one.sent, path), stored=_masked_value(one.stored, path))


def _masked_value(text: str, path: str) -> str:
    return masked_json(text, path) if text[:1] in ("[", "{") else str(masked(text, path))
