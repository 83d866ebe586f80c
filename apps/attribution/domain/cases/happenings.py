"""Events, openings and their candidates out of the words of a case."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attribution as engine
from apps.attribution.domain.cases.texts import NOON, instant, money, span
from apps.attribution.domain.cases.values import CaseEvent, CaseOpening

_VISITOR: Final = "visitor"
_FACTS: Final = ("title", "country", "device")
_STATED: Final = {"source": "source", "medium": "medium", "campaign": "campaign", "ad_group": "term"}


def read_event(said: Mapping[str, Any]) -> CaseEvent:
    """Return an event as its client would state it. Raises ValueError."""
    at = _instant(said)
    value = None if "value" not in said else money(said["value"])
    if value is not None and value != value.quantize(Decimal("0.0001")):
        raise ValueError(f"{value}: amounts are kept with four decimals")
    event = engine.Event(
        id=str(said["id"]),
        kind=said["kind"],
        occurred_at=at,
        received_at=at + span(said.get("received_after", 0)),
        name=said.get("name", ""),
        anonymous_id=str(said.get("anonymous", _VISITOR)),
        user_id=str(said.get("user", "")),
        previous_id=str(said.get("previous", "")),
        value=value,
        currency=said.get("currency", ""),
        order_id=str(said.get("order", "")),
        platform=said.get("platform", "web"),
    )
    if event.kind == "track" and not event.name:
        raise ValueError(f"{event.id}: an event of the kind track needs a name")
    url = said.get("url", "")
    return CaseEvent(
        event=event,
        url=url,
        referrer=said.get("referrer", ""),
        stated={field: said[name] for name, field in _STATED.items() if name in said},
        properties=json.loads(json.dumps(said.get("properties", {}), default=_plain)),
        facts={name: said[name] for name in _FACTS if name in said},
    )


def openings_of(said: Mapping[str, Any]) -> CaseOpening:
    """Return the opening of an app with its candidates. Raises ValueError."""
    at = _instant(said)
    opening = engine.Opening(
        id=str(said["id"]),
        occurred_at=at,
        is_first_open=said.get("first_open", True),
        installed_before_at=_before(said, "installed_before", at),
        last_active_at=_before(said, "last_active", at),
        install_began_at=_before(said, "install_began", at),
        device_install_began_at=_before(said, "device_install_began", at),
        shares_device_id=said.get("shares_device_id", False),
        allows_probabilistic=said.get("allows_probabilistic", False),
        is_carrier_grade_nat=said.get("carrier_grade_nat", False),
    )
    return CaseOpening(opening, tuple(_contender(one, at) for one in said["contenders"]))


def _contender(said: Mapping[str, Any], opened_at: datetime) -> engine.Contender:
    touched_at = opened_at - span(said.get("before", 0)) + span(said.get("after", 0))
    return engine.Contender(
        id=str(said["id"]),
        kind=engine.TouchKind(said["kind"]),
        evidence=engine.Evidence(said["evidence"]),
        touched_at=touched_at,
        received_at=touched_at + span(said.get("received_after", 0)),
        device_touched_at=_before(said, "device_before", opened_at),
        is_retargeting=said.get("retargeting", False),
        blocked_as=said.get("blocked_as", ""),
    )


def _instant(said: Mapping[str, Any]) -> datetime:
    if "at" in said and "ago" in said:
        raise ValueError(f"{said.get('id', '')}: say either at or ago")
    return instant(said["at"]) if "at" in said else NOON - span(said.get("ago", 0))


def _before(said: Mapping[str, Any], name: str, at: datetime) -> datetime | None:
    return at - span(said[name]) if name in said else None


def _plain(value: Any) -> Any:
    """Return a number that YAML read digit by digit as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{value!r} cannot be a property")
