"""Openings of apps and what could have led to them, as events say it; the engine decides."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attribution as engine

# Properties of an opening and of a click that tie the two, from strong to weak.
DEVICE_ID: Final = "advertising_id"
PROBABLE_ID: Final = "probable_id"
RETARGETING: Final = "retargeting"
_CLICK_IN_REFERRER: Final = re.compile(r"(?:^|[?&])tbclid=([^&#]+)")
_LATEST: Final = 4_102_444_800  # 2100: what is later is no number of seconds


@dataclass(frozen=True, slots=True)
class Opened:
    """An event that opens an app: of whose goal and person, and what it says in its properties.

    `touched` are the clicks and views that the person's ids tie to it, `last_active_at` the device's event before it.
    """

    goal_id: int
    id: str
    person_id: int
    is_first_open: bool
    occurred_at: datetime
    properties: Mapping[str, Any]
    touched: frozenset[str]
    last_active_at: datetime | None = None

    @property
    def referred(self) -> frozenset[str]:
        """The clicks that the store's install referrer names."""
        return frozenset(_CLICK_IN_REFERRER.findall(str(self.properties.get("install_referrer", ""))))


@dataclass(frozen=True, slots=True)
class Touched:
    """A click or a view that may have led to an opening."""

    id: str
    is_click: bool
    touched_at: datetime
    received_at: datetime
    source: str
    medium: str
    campaign: str
    properties: Mapping[str, Any]


def decide_openings(
    opened: Iterable[Opened], touched: Sequence[Touched], rules_at: Callable[[datetime], engine.DecisionRules],
    *, decided_at: datetime,
) -> list[tuple[Opened, engine.Decision]]:  # fmt: skip
    """Return the decisions about the openings of one person, the earliest first: each knows those before it."""
    found = []
    installed_at: datetime | None = None
    for one in sorted(opened, key=lambda one: (engine.milliseconds(one.occurred_at), one.id)):
        contenders = [_contender(one, touch, evidence) for touch in touched if (evidence := _evidence(one, touch))]
        decision = engine.decide(
            _opening(one, installed_at), contenders, rules_at(one.occurred_at), decided_at=decided_at
        )
        if decision.counts_in == "acquisition":
            installed_at = one.occurred_at
        found.append((one, decision))
    return found


def fingerprint(decision: engine.Decision, person_id: int) -> str:
    """Return what a decision says of whom, however late it was made: another one is a correction."""
    judged = [
        (one.contender.id, one.contender.evidence, one.code, sorted(one.parameters.items())) for one in decision.judged
    ]
    text = json.dumps(
        [person_id, decision.outcome, decision.winner and decision.winner.id, decision.rules_version, judged]
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def read_rules(stored: Mapping[str, float], version: int) -> engine.DecisionRules:
    """Return the windows that JSON means: days, and hours where the name ends so. Raises BadDecisionRulesError."""
    days = {name: timedelta(days=value) for name, value in stored.items()}
    return engine.DecisionRules(version=version, **days)


def _opening(one: Opened, installed_at: datetime | None) -> engine.Opening:
    said = one.properties
    return engine.Opening(
        id=one.id,
        occurred_at=one.occurred_at,
        is_first_open=one.is_first_open,
        installed_before_at=installed_at,
        last_active_at=one.last_active_at,
        install_began_at=_instant(said.get("install_began_at")),
        device_install_began_at=_instant(said.get("install_began_at_device")),
        shares_device_id=said.get("shares_device_id") is True,
        allows_probabilistic=said.get("allows_probable_id") is True,
        is_carrier_grade_nat=said.get("carrier_grade_nat") is True,
    )


def _evidence(one: Opened, touch: Touched) -> engine.Evidence | None:
    """Return the strongest tie between a touch and an opening, None where there is none."""
    if touch.id in one.referred:
        return engine.Evidence.STORE_REFERRER
    if touch.id in one.touched or touch.id == one.properties.get("click_id"):
        return engine.Evidence.CLICK_ID
    if _share(one, touch, DEVICE_ID):
        return engine.Evidence.DEVICE_ID
    return engine.Evidence.PROBABILISTIC if _share(one, touch, PROBABLE_ID) else None


def _share(one: Opened, touch: Touched, name: str) -> bool:
    said = str(one.properties.get(name) or "")
    return bool(said) and said == touch.properties.get(name)


def _contender(one: Opened, touch: Touched, evidence: engine.Evidence) -> engine.Contender:
    is_referred = evidence == engine.Evidence.STORE_REFERRER
    return engine.Contender(
        id=touch.id,
        kind=engine.TouchKind.CLICK if touch.is_click else engine.TouchKind.VIEW,
        evidence=evidence,
        touched_at=touch.touched_at,
        received_at=touch.received_at,
        device_touched_at=_instant(one.properties.get("referrer_clicked_at_device")) if is_referred else None,
        is_retargeting=touch.properties.get(RETARGETING) is True or touch.medium.lower() == RETARGETING,
        blocked_as=str(touch.properties.get("blocked_as") or "")[:60],
        source=touch.source,
        campaign=touch.campaign,
    )


def _instant(said: Any) -> datetime | None:
    """Return an instant out of a property: ISO 8601 with its zone, or seconds since 1970; None for anything else."""
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < _LATEST:
        return datetime.fromtimestamp(said, UTC)
    if not isinstance(said, str):
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
