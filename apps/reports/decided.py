"""Decisions in words: what came of an opening, and why each candidate won or lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.attribution import api as attribution
from apps.reports import wording
from apps.shared.templatetags.figures import span

Words = str | Promise
OUTCOMES: dict[str, Words] = {
    "install": gettext_lazy("Install"),
    "organic": gettext_lazy("Organic install"),
    "reattribution": gettext_lazy("Re-attribution"),
    "reinstall": gettext_lazy("Plain re-install: earns nothing"),
    "reengagement": gettext_lazy("Re-engagement"),
    "nothing": gettext_lazy("Opened, won by nobody"),
}
EVIDENCES: dict[str, Words] = {
    "store_referrer": gettext_lazy("store referrer"),
    "click_id": gettext_lazy("click id"),
    "device_id": gettext_lazy("device id"),
    "probabilistic": pgettext_lazy("evidence", "probability"),
}
SENTENCES: dict[str, Words] = {
    "after_opening": gettext_lazy("It came after the app was opened."),
    "click_injection": gettext_lazy("It came after the installation had begun: a click that was injected."),
    "blocked": gettext_lazy("It was blocked as %(reason)s."),
    "needs_retargeting_click": gettext_lazy(
        "Only a click of a retargeting campaign can win back an app that is known already."
    ),
    "still_active": gettext_lazy("The app was used %(idle)s ago; it must rest for %(inactivity)s first."),
    "device_id_not_shared": gettext_lazy("The person did not agree to share the device id."),
    "probabilistic_view": gettext_lazy("A view is never matched by probability."),
    "probabilistic_off": gettext_lazy("Matching by probability is off."),
    "without_consent": gettext_lazy("The person did not agree to matching by probability."),
    "carrier_grade_nat": gettext_lazy("The network gives one address to many people, so nobody can be matched by it."),
    "outside_click_lookback": gettext_lazy("It is %(age)s old; clicks count for %(lookback)s."),
    "outside_view_lookback": gettext_lazy("It is %(age)s old; views count for %(lookback)s."),
    "outside_probabilistic_lookback": gettext_lazy("It is %(age)s old; matches by probability count for %(lookback)s."),
    "view_yields_to_click": gettext_lazy("A view yields to a click, however late it came."),
    "weaker_evidence": gettext_lazy("Its evidence, %(evidence)s, is weaker than %(winning_evidence)s."),
    "earlier": gettext_lazy("Another of the same evidence came later."),
    "received_earlier": gettext_lazy("Another came at the same time and was received later."),
    "larger_id": gettext_lazy("Another came and was received at the same time and has the smaller id."),
    "winner": gettext_lazy("It is the latest of the strongest evidence inside its window: %(evidence)s."),
}


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate of a decision, in words."""

    it: attribution.Candidate
    kind: str
    evidence: str
    why: str
    has_won: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a decision, in words."""

    number: int
    outcome: str
    decided_at: datetime
    rules_version: int
    holds: bool
    candidates: tuple[CandidateRow, ...]


def trace(property_id: int, opening_id: str) -> list[EntryRow]:
    """Return every entry about an opening, the one that holds first; none where nothing was decided."""
    try:
        entries = attribution.decision_trace(property_id, opening_id=opening_id)
    except attribution.UnknownDecision:
        return []
    return [
        EntryRow(
            number=one.entry,
            outcome=str(OUTCOMES[one.outcome]),
            decided_at=one.decided_at,
            rules_version=one.rules_version,
            holds=number == 0,
            candidates=tuple(_candidate(candidate) for candidate in one.candidates),
        )
        for number, one in enumerate(entries)
    ]


def total(rows: Sequence[attribution.DecidedRow]) -> attribution.DecidedRow:
    """Return the sums: of conversions only primary rows, so that none is counted twice."""
    names = ("installs", "reattributions", "reengagements", "plain_reinstalls", "credited", "primary")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return attribution.DecidedRow(source=_("Total"), revenue=sum((row.revenue for row in rows), Decimal(0)), **sums)


def _candidate(one: attribution.Candidate) -> CandidateRow:
    return CandidateRow(
        it=one,
        kind=str(wording.TOUCH_KINDS[one.kind]),
        evidence=str(EVIDENCES[one.evidence]),
        why=str(SENTENCES[one.code]) % _words(one.parameters),
        has_won=one.code == "winner",
    )


def _words(parameters: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, value in parameters.items():
        if name.endswith("_ms"):
            found[name.removesuffix("_ms")] = span(int(value))
        else:
            found[name] = str(EVIDENCES.get(str(value), value))
    return found
