"""The whole set of a property's expectations as YAML, there and back; what is wrong is named with its line."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.quality.domain import rules
from apps.shared.yaml_documents import BadDocument, Document, read_document
from apps.shared.yaml_words import written

SCHEMA = Path(__file__).parents[3] / "docs" / "expectations.schema.json"
FILE, LARGEST = "expectations.yaml", 256 * 1024
_NAMES = {"event": "events", "is_on": "enabled"}
_DEFAULTS = {"events": "*", "severity": "flag", "enabled": True, "field": "", "stream": None}
_OWN = ("name", "kind", "events", "stream", "field", "severity", "enabled")


def read(text: str, *, streams: Mapping[str, int], file: str = FILE) -> list[dict[str, Any]]:
    """Return the fields of each expectation in *text*; *streams* are ids by name. Raises BadDocument."""
    if len(text.encode()) > LARGEST:
        raise BadDocument(f"{file}: a file has at most {LARGEST // 1024} KB.")
    document = read_document(text, file, SCHEMA)
    problems: list[str] = []
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, given in enumerate(document.values["expectations"]):
        values = _values(given, streams)
        place, problem = _problem(values, given, seen, streams)
        if problem:
            problems.append(f"{file}:{_line(document, number, place)}: {problem}")
        seen.add(given["name"])
        found.append(values)
    if problems:
        raise BadDocument("\n".join(problems))
    return found


def write(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return expectations as YAML; each row has the keys of the file. What is as usual is left out."""
    listed = [shortened(row) for row in rows]
    return written({"expectations": listed})


def shortened(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one expectation without what is as usual."""
    return {name: value for name, value in row.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}


def as_document(
    *, name: str, kind: str, event: str, stream: str | None, field: str, severity: str, is_on: bool,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return one expectation with the keys of the file."""
    own = {"name": name, "kind": kind, "events": event, "stream": stream, "field": field}
    return {**own, **parameters, "severity": severity, "enabled": is_on}


def said(value: Any) -> str | None:
    """Return what a key of the file says as words: a list by its items."""
    if value is None or isinstance(value, str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value)


def _values(given: Mapping[str, Any], streams: Mapping[str, int]) -> dict[str, Any]:
    whole = {**_DEFAULTS, **given}
    parameters = {name: _plain(value) for name, value in given.items() if name not in _OWN}
    return {
        "name": whole["name"],
        "kind": whole["kind"],
        "event": whole["events"],
        "stream_id": streams.get(whole["stream"]) if whole["stream"] else None,
        "field": whole["field"],
        "severity": whole["severity"],
        "is_on": whole["enabled"],
        "parameters": parameters,
    }


def _problem(
    values: Mapping[str, Any], given: Mapping[str, Any], seen: set[str], streams: Mapping[str, int]
) -> tuple[str, str]:
    if given["name"] in seen:
        return "name", f"the name {given['name']!r} comes twice."
    if given.get("stream") and given["stream"] not in streams:
        return "stream", f"the property has no stream {given['stream']!r}."
    try:
        rules.check_name(values["name"])
        rules.check(values["kind"], values["field"], values["parameters"], values["severity"], values["event"])
    except rules.BadRule as error:
        return _NAMES.get(error.place, error.place), str(error)
    return "", ""


def _line(document: Document, number: int, place: str) -> int:
    return document.line(("expectations", number, place) if place else ("expectations", number))


def _plain(value: Any) -> Any:
    """Return *value* as JSON has it: digits as a number where nothing is lost, else as a text."""
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return [_plain(one) for one in value] if isinstance(value, list) else value
