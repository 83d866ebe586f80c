"""decide(): the one winner of an install, a re-install or a re-engagement, with the rule that removed each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from attribution.decision_values import (
    Contender,
    Decision,
    DecisionRules,
    Evidence,
    Judged,
    Opening,
    Outcome,
    Parameters,
)
from attribution.journeys import TouchKind, milliseconds

_MILLISECOND: Final = timedelta(milliseconds=1)
_STRENGTH: Final = {
    Evidence.STORE_REFERRER: 4,
    Evidence.CLICK_ID: 4,
    Evidence.DEVICE_ID: 3,
    Evidence.PROBABILISTIC: 2,
}
_VIEW_STRENGTH: Final = 1  # of deterministic views, whatever ties them to the device
_WON: Final[dict[str, Outcome]] = {"new": "install", "known": "reattribution", "opened": "reengagement"}
_LOST: Final[dict[str, Outcome]] = {"new": "organic", "known": "reinstall", "opened": "nothing"}


@dataclass(frozen=True, slots=True)
class CreditedRow:
    """A decision that an event is credited to; of the rows of one event exactly one is primary."""

    decision: Decision
    is_primary: bool


def decide(
    opening: Opening, contenders: Iterable[Contender], rules: DecisionRules, *, decided_at: datetime
) -> Decision:
    """
    Return who won an opening of an app.

    A first open of an app that the device never had, or had longer ago than
    the re-attribution window, is a new install; inside the window, both ends
    included, it is a re-install, which only a retargeting click can win. Any
    other open is a re-engagement if a retargeting click led to it after
    enough inactivity. Of the candidates that no rule removes, the strongest
    evidence wins, within it the latest; ties go to the later received, then
    to the smaller id.

    Parameters
    ----------
    opening : Opening
    contenders : iterable of Contender
        In any order. Of several with one id, the first received stays.
    rules : DecisionRules
        As in force at the opening.
    decided_at : datetime
        Aware.

    Returns
    -------
    Decision

    Raises
    ------
    NaiveInstantError
        If an instant carries no time zone.

    Notes
    -----
    Evidence, from strong to weak: click by store referrer or click id; click
    by a device id that the person shares; probabilistic click; deterministic
    view. Time O(n log n).

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> day = timedelta(days=1)
    >>> click = Contender("c", TouchKind.CLICK, Evidence.CLICK_ID, noon - 2 * day, noon)
    >>> view = Contender("v", TouchKind.VIEW, Evidence.CLICK_ID, noon - day, noon)
    >>> decision = decide(Opening("i", noon), [view, click], DecisionRules(), decided_at=noon)
    >>> decision.outcome, [(one.contender.id, one.code) for one in decision.judged]
    ('install', [('c', 'winner'), ('v', 'view_yields_to_click')])
    >>> print(decision.text)
    click c: It is the latest of the strongest evidence inside its window: click id.
    view v: A view yields to a click, however late it came.
    """
    occasion = _occasion(opening, rules)
    ordered = sorted(_first_received(contenders), key=_standing_in_time)
    judged = [_judge(one, opening, rules, occasion) for one in ordered]
    standing = [one.contender for one in judged if not one.code]
    winner = max(standing, key=lambda one: (_strength(one), _standing_in_time(one)), default=None)
    if winner is not None:
        judged = [one if one.code else _against(one, winner) for one in judged]
    return Decision(
        opening_id=opening.id,
        outcome=_WON[occasion] if winner else _LOST[occasion],
        winner=winner,
        judged=tuple(judged),
        occurred_at=opening.occurred_at,
        decided_at=decided_at,
        rules_version=rules.version,
    )


def credited_rows(
    occurred_at: datetime, decisions: Iterable[Decision], rules: DecisionRules
) -> tuple[CreditedRow, ...]:
    """
    Return the decisions that an event in the app is credited to.

    The install always is. While a re-engagement or re-attribution lasts,
    from its opening to the end of the re-engagement window, both included,
    it is too, and is the primary one; the latest of several takes over.

    Parameters
    ----------
    occurred_at : datetime
        When the event happened; decisions after it do not count.
    decisions : iterable of Decision
        Of one device, in any order.
    rules : DecisionRules

    Returns
    -------
    tuple of CreditedRow
        Empty before the first decision; else exactly one row is primary, and
        totals count primary rows.
    """
    at = milliseconds(occurred_at)
    before = [one for one in decisions if milliseconds(one.occurred_at) <= at]
    before.sort(key=lambda one: (milliseconds(one.occurred_at), one.opening_id))
    installs = [one for one in before if one.counts_in == "acquisition"]
    window = rules.reengagement // _MILLISECOND
    since = milliseconds(installs[-1].occurred_at) if installs else 0
    won_back = [
        one
        for one in before
        if one.counts_in == "retargeting" and milliseconds(one.occurred_at) >= max(since, at - window)
    ]
    credited = [*installs[-1:], *won_back[-1:]]
    return tuple(CreditedRow(one, is_primary=one is credited[-1]) for one in credited)


def _occasion(opening: Opening, rules: DecisionRules) -> str:
    if not opening.is_first_open:
        return "opened"
    known = opening.installed_before_at
    if known is None:
        return "new"
    return "known" if _elapsed(known, opening.occurred_at) <= rules.reattribution // _MILLISECOND else "new"


def _judge(one: Contender, opening: Opening, rules: DecisionRules, occasion: str) -> Judged:
    age = _elapsed(one.touched_at, opening.occurred_at)
    code, parameters = _removed_by(one, age, opening, rules, occasion)
    return Judged(one, age, code, parameters)


def _removed_by(
    one: Contender, age: int, opening: Opening, rules: DecisionRules, occasion: str
) -> tuple[str, Parameters]:
    """Return the first rule that removes a candidate, empty for none."""
    if age < 0:
        return "after_opening", {"age_ms": age}
    if _is_injected(one, opening):
        return "click_injection", {}
    if one.blocked_as:
        return "blocked", {"reason": one.blocked_as}
    if occasion != "new" and not (one.kind == TouchKind.CLICK and one.is_retargeting):
        return "needs_retargeting_click", {}
    if occasion == "opened" and (idle := _too_soon(opening, rules)) is not None:
        return "still_active", {"idle_ms": idle, "inactivity_ms": rules.inactivity // _MILLISECOND}
    return _removed_by_evidence(one, opening, rules) or _removed_by_age(one, age, rules)


def _is_injected(one: Contender, opening: Opening) -> bool:
    """Whether a click came after the download had begun, by either clock: each is compared with itself alone."""
    pairs = (
        (one.touched_at, opening.install_began_at),
        (one.device_touched_at, opening.device_install_began_at),
    )
    return one.kind == TouchKind.CLICK and any(
        touched is not None and began is not None and _elapsed(began, touched) > 0 for touched, began in pairs
    )


def _too_soon(opening: Opening, rules: DecisionRules) -> int | None:
    """Return how long the app has rested when that is not long enough."""
    if opening.last_active_at is None:
        return None
    idle = _elapsed(opening.last_active_at, opening.occurred_at)
    return idle if idle < rules.inactivity // _MILLISECOND else None


def _removed_by_evidence(one: Contender, opening: Opening, rules: DecisionRules) -> tuple[str, Parameters] | None:
    is_guess = one.evidence == Evidence.PROBABILISTIC
    checks = (
        (one.evidence == Evidence.DEVICE_ID and not opening.shares_device_id, "device_id_not_shared"),
        (is_guess and one.kind == TouchKind.VIEW, "probabilistic_view"),
        (is_guess and not rules.probabilistic_lookback, "probabilistic_off"),
        (is_guess and not opening.allows_probabilistic, "without_consent"),
        (is_guess and opening.is_carrier_grade_nat, "carrier_grade_nat"),
    )
    return next(((code, {}) for holds, code in checks if holds), None)


def _removed_by_age(one: Contender, age: int, rules: DecisionRules) -> tuple[str, Parameters]:
    if one.evidence == Evidence.PROBABILISTIC:
        code, lookback = "outside_probabilistic_lookback", rules.probabilistic_lookback
    elif one.kind == TouchKind.VIEW:
        code, lookback = "outside_view_lookback", rules.view_lookback
    else:
        code, lookback = "outside_click_lookback", rules.click_lookback
    limit = lookback // _MILLISECOND
    return (code, {"age_ms": age, "lookback_ms": limit}) if age > limit else ("", {})


def _against(judged: Judged, winner: Contender) -> Judged:
    """Say about a candidate that no rule removed why it won or lost."""
    one = judged.contender
    words: Parameters = {"evidence": one.evidence.value}
    if one is winner:
        return Judged(one, judged.age_ms, "winner", words)
    if one.kind == TouchKind.VIEW and winner.kind == TouchKind.CLICK:
        return Judged(one, judged.age_ms, "view_yields_to_click")
    if _strength(one) < _strength(winner):
        return Judged(one, judged.age_ms, "weaker_evidence", {**words, "winning_evidence": winner.evidence.value})
    if milliseconds(one.touched_at) < milliseconds(winner.touched_at):
        return Judged(one, judged.age_ms, "earlier")
    is_earlier = milliseconds(one.received_at) < milliseconds(winner.received_at)
    return Judged(one, judged.age_ms, "received_earlier" if is_earlier else "larger_id")


def _strength(one: Contender) -> int:
    return _VIEW_STRENGTH if one.kind == TouchKind.VIEW else _STRENGTH[one.evidence]


class _SmallerIdLast(str):
    """An id that sorts the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str(self) > str(other)

    def __gt__(self, other: str) -> bool:
        return str(self) < str(other)


def _standing_in_time(one: Contender) -> tuple[int, bool, int, _SmallerIdLast]:
    """Return the place in time; of equal times: view before click, the earlier received, the larger id."""
    is_click = one.kind == TouchKind.CLICK
    return milliseconds(one.touched_at), is_click, milliseconds(one.received_at), _SmallerIdLast(one.id)


def _first_received(contenders: Iterable[Contender]) -> list[Contender]:
    kept: dict[str, Contender] = {}
    for one in contenders:
        seen = kept.get(one.id)
        if seen is None or (milliseconds(one.received_at), repr(one)) < (milliseconds(seen.received_at), repr(seen)):
            kept[one.id] = one
    return list(kept.values())


def _elapsed(earlier: datetime, later: datetime) -> int:
    return milliseconds(later) - milliseconds(earlier)
