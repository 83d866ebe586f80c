"""Examples of imports in the OpenAPI document."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_NEW: dict[str, Any] = {
    "id": 7,
    "name": "orders.csv",
    "size": 81920,
    "stream": 3,
    "said": {
        "mapping": "",
        "own_mapping": "userId=customer timestamp=at properties.value=paid event='Order Paid' type='track'",
        "time_zone": "Europe/Berlin",
        "time_form": "",
        "encoding": "",
        "has_decimal_comma": False,
    },
    "reading": "8f14e45fceea167a",
    "status": "looked_at",
    "made_at": "2026-05-01T06:00:00Z",
    "made_by": None,
    "ended_at": None,
    "rows": 0,
    "events": 0,
    "kinds": {},
    "skipped": {},
    "not_understood": {},
    "unread": [],
    "problem": "",
}
_OVER = {
    **_NEW,
    "status": "succeeded",
    "ended_at": "2026-05-01T06:00:04Z",
    "rows": 1200,
    "events": 1199,
    "kinds": {"track": 1199},
    "not_understood": {"bad_time": 1},
    "unread": ["note"],
}
_REPORTED = {
    "row": 2,
    "line": 3,
    "reason": "bad_time",
    "field": "timestamp",
    "detail": "'yesterday' is not a time. Send ISO 8601, such as 2026-05-01T12:00:00.000Z.",
}
_EVENT = {
    "type": "track",
    "event": "Order Paid",
    "userId": "ann",
    "timestamp": "2026-05-01T10:00:00+02:00",
    "properties": {"value": "9.90"},
}
_PREVIEW = {
    "form": "csv",
    "events": [_EVENT],
    "not_understood": [{**_REPORTED, "content": "bob,yesterday,2"}],
    "unread": ["note"],
}

NEW = OpenApiExample("A new upload", value=_NEW, response_only=True, status_codes=["201"])
RETRIED = OpenApiExample("The same upload again", value=_NEW, response_only=True, status_codes=["200"])
_SAID = {"time_zone": "Asia/Tokyo", "has_decimal_comma": True}
OTHERWISE = OpenApiExample("Another time zone, and amounts with a comma", value=_SAID, request_only=True)
READ = OpenApiExample("The file, read otherwise", value={**_NEW, "said": {**_NEW["said"], **_SAID}}, response_only=True)
BEGUN = OpenApiExample("An import that is over", value=_OVER, response_only=True)
PREVIEW = OpenApiExample("What a file becomes", value=_PREVIEW, response_only=True)
REPORT = OpenApiExample("What was not understood", value={"rows": [_REPORTED], "next": None}, response_only=True)
