"""What a case expects beside what came out, place by place."""

from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any, Final

import attribution as engine
from apps.attribution.domain.cases.texts import money, share
from apps.attribution.domain.cases.values import Case, Difference, FoundConversion, FoundTouch

TOLERANCE: Final = 1e-9
_NOTHING: Final = "nothing"


def compare_conversions(case: Case, found: Mapping[str, FoundConversion]) -> list[Difference]:
    """Return where conversions differ: every one that is expected, and every one that is not."""
    differences = [Difference(name, _NOTHING, "a conversion") for name in sorted(found.keys() - case.expect.keys())]
    for name, said in case.expect.items():
        if name not in found:
            differences.append(Difference(name, "a conversion", _NOTHING))
        else:
            differences += [
                Difference(f"{name}: {place}", wanted, got) for place, wanted, got in _conversion(said, found[name])
            ]
    return differences


def compare_decisions(case: Case, found: Mapping[str, engine.Decision]) -> list[Difference]:
    """Return where decisions differ."""
    differences = []
    for name, said in case.expect.items():
        decision = found[name]
        codes = {one.contender.id: one.code for one in decision.judged}
        winner = decision.winner.id if decision.winner else None
        places: list[tuple[str, Any, Any]] = [("outcome", said["outcome"], decision.outcome)]
        if "winner" in said:
            places.append(("winner", None if said["winner"] is None else str(said["winner"]), winner))
        if "counts_in" in said:
            places.append(("counts in", said["counts_in"], decision.counts_in))
        if "postback" in said:
            places.append(("postback", said["postback"], decision.earns_postback))
        places += [(f"why {one}", code, codes.get(str(one), _NOTHING)) for one, code in said.get("why", {}).items()]
        differences += [
            Difference(f"{name}: {place}", str(wanted), str(got)) for place, wanted, got in places if wanted != got
        ]
    return differences


def compare_rows(case: Case, found: Sequence[Sequence[engine.CreditedRow]]) -> list[Difference]:
    """Return where the decisions that events in the app are credited to differ."""
    differences = []
    for number, ((_, wanted), rows) in enumerate(zip(case.in_app, found, strict=True), start=1):
        got = {one.decision.opening_id: one.is_primary for one in rows}
        if dict(wanted) != got:
            differences.append(Difference(f"in_app {number}", _rows(wanted), _rows(got)))
    return differences


def _conversion(said: Mapping[str, Any], found: FoundConversion) -> list[tuple[str, str, str]]:
    touches = {one.id: one for one in found.touches}
    places: list[tuple[str, Any, Any]] = [("counted", said.get("counted", True), found.is_counted)]
    if "touchpoints" in said:
        places.append(("touchpoints", _listed(said["touchpoints"]), _listed(touches)))
    if "unattributed" in said or "credit" in said:
        places.append(("unattributed", said.get("unattributed", _NOTHING), found.reason or _NOTHING))
    if "counts_as" in said and found.channel:
        places.append(("counts as", said["counts_as"], found.channel))
    if "refund_of" in said:
        places.append(("refund of", str(said["refund_of"]), found.refund_of or _NOTHING))
    differences = [(place, str(wanted), str(got)) for place, wanted, got in places if wanted != got]
    if "credit" in said:
        differences += _credit({str(name): share(one) for name, one in said["credit"].items()}, touches)
    for name, wanted in said.get("money", {}).items():
        got = touches[str(name)].money if str(name) in touches else None
        if got != money(wanted):
            differences.append((f"money of {name}", str(money(wanted)), _NOTHING if got is None else str(got)))
    return differences + _words(said, touches)


def _credit(wanted: Mapping[str, float], touches: Mapping[str, FoundTouch]) -> list[tuple[str, str, str]]:
    names = [*wanted, *(name for name, one in touches.items() if name not in wanted and one.share)]
    differences = []
    for name in names:
        expected, got = wanted.get(name, 0.0), touches[name].share if name in touches else None
        if got is None or not isclose(expected, got, rel_tol=0, abs_tol=TOLERANCE):
            found = "no touchpoint" if got is None else f"{got:.10g}{_because(touches[name])}"
            differences.append((f"credit of {name}", f"{expected:.10g}", found))
    return differences


def _words(said: Mapping[str, Any], touches: Mapping[str, FoundTouch]) -> list[tuple[str, str, str]]:
    differences = []
    for key, place, of in (("channels", "channel", "channel"), ("why", "why", "code")):
        for name, wanted in said.get(key, {}).items():
            got = getattr(touches[str(name)], of) if str(name) in touches else "no touchpoint"
            if got and got != wanted:  # whoever does not say why has no code
                differences.append((f"{place} of {name}", wanted, got))
    return differences


def _because(one: FoundTouch) -> str:
    return f" ({one.code})" if one.code else ""


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names) or _NOTHING


def _rows(rows: Mapping[str, bool]) -> str:
    return _listed(f"{name}{' (primary)' if is_primary else ''}" for name, is_primary in sorted(rows.items()))
