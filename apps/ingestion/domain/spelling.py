"""How a file writes times and amounts, where it does not write them as clients of the API do."""

import codecs
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.ingestion.domain import instants
from apps.ingestion.domain.row_words import NO_TIME

EXCEL = "excel"  # the form of times that are days since the end of 1899
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  the days of a spreadsheet know no zone
_DAY_OF_DIGITS = 8  # 20260501, as reports of Google Analytics have it
_DAYS = range(20_000, 100_000)
_WITH_COMMA = re.compile("-?(?:[0-9]{1,3}(?:[.' \u00a0\u202f\u2019][0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_AMOUNTS = ("revenue", "value", "total")


class NotInForm(ValueError):
    """A time is not written as the form says."""


class Spelling(NamedTuple):
    """The zone of times without an offset (None: UTC), that of the days of ad spend, the form of times, and commas.

    *decimal* is the sign before decimals that the file's amounts of ad spend prove, or nothing.
    """

    times: ZoneInfo | None = None
    days: ZoneInfo | None = None
    time_form: str = ""
    has_decimal_comma: bool = False
    decimal: str = ""


AS_CLIENTS = Spelling()


def read_as_spelled(event: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    """Return *event* with its time and amounts as clients write them. Raises NotInForm, also for an empty time."""
    said, form = event.get("timestamp"), spelling.time_form
    if isinstance(said, str):
        said = event["timestamp"] = said.strip()
    if "timestamp" in event and said in (None, ""):  # a client that says no time means now, a row of a file does not
        raise NotInForm(NO_TIME)
    is_spend = event.get("type") == "spend"
    properties = event.get("properties")
    if form and said is not None:
        said = event["timestamp"] = _in_form(str(said), form)
    if isinstance(said, str) and said:
        event["timestamp"] = _in_zone(said, spelling.days if is_spend else spelling.times)
    if is_spend and isinstance(properties, dict):
        stated = str(properties.get("date") or "").strip()
        is_own = stated and not form  # a form is that of the timestamp
        properties |= _day_of(_in_zone(stated, spelling.days) if is_own else event.get("timestamp"), spelling.days)
    if spelling.has_decimal_comma and isinstance(properties, dict) and not is_spend:  # whose figures are read apart
        properties |= {name: _with_point(properties[name]) for name in _AMOUNTS if name in properties}
    return event


def check_form(form: str) -> None:
    """Raise ValueError unless *form* names a day, and no zone by a name, which says too little."""
    moment = datetime(2021, 11, 23, 13, 47, 58, tzinfo=UTC)
    try:
        if form == EXCEL or datetime.strptime(moment.strftime(form), form).date() == moment.date():  # noqa: DTZ007
            if "%Z" not in form:
                return
            raise ValueError(f"{form!r} has the name of a zone: write %z for offsets, or say the zone of all times.")
    except re.error:
        pass
    raise ValueError(f"{form!r} does not say year, month and day.")


def text_encoding(name: str) -> str:
    """Return the proper name of how letters are written. Raises LookupError where files cannot be read so."""
    known = codecs.lookup(name)
    try:
        known.incrementaldecoder("surrogateescape").decode("a,b".encode(name))
    except (TypeError, AttributeError, ValueError, AssertionError):
        raise LookupError(f"{name} is no encoding of texts.") from None
    return known.name


def _in_form(said: str, form: str) -> str:
    try:
        if form != EXCEL:
            return datetime.strptime(said.strip(), form).isoformat()  # noqa: DTZ007  the zone is put in afterwards
        days = float(said)
    except ValueError:
        raise NotInForm(f"{said[:60]!r} is not written as {form}.") from None
    if not _DAYS.start <= days < _DAYS.stop:
        raise NotInForm(f"{said[:60]!r} is no day of a spreadsheet.")
    return (_FIRST_DAY + timedelta(milliseconds=round(days * 86_400_000))).isoformat()


def _in_zone(said: str, zone: ZoneInfo | None) -> str:
    if said.endswith(("UTC", "GMT")):
        said = f"{said[:-3].rstrip()}+00:00"
    if zone is None or (said.isdigit() and len(said) != _DAY_OF_DIGITS):
        return said
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return said  # seconds, or what the reader will refuse
    return said if moment.tzinfo else moment.replace(tzinfo=zone).isoformat()


def _day_of(said: Any, zone: ZoneInfo | None) -> dict[str, str]:
    """Return the day of ad spend, in one way however a file writes it: by its day what was corrected is found."""
    if not isinstance(said, str | int | float) or isinstance(said, bool):
        return {}
    try:
        moment = _EPOCH + timedelta(milliseconds=instants.milliseconds(said))
        return {"date": moment.astimezone(zone or UTC).date().isoformat()}
    except (instants.NotAnInstant, OverflowError):
        return {}  # the reader will say so


def _with_point(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else ""
    if not _WITH_COMMA.fullmatch(text):
        return value
    whole, _, part = text.partition(",")
    return re.sub("[^0-9-]", "", whole) + (f".{part}" if part else "")
