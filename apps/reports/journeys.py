"""A journey as a page shows it: every touchpoint in time order, what it earned and by which rule, or why nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import explanations, wording
from apps.reports.addresses import event_url, page_url
from apps.reports.domain.charts import channel_number
from apps.reports.frame import Frame
from apps.shared.templatetags.figures import moment, money, number, percent, span


@dataclass(frozen=True, slots=True)
class Step:
    """One touchpoint, formatted for the path."""

    title: str
    kind: str
    series: int
    at: SafeString | str
    detail: SafeString
    share: float
    share_text: str
    money: str
    why: str
    is_excluded: bool


def journey(frame: Frame, detail: attribution.JourneyDetail) -> dict[str, Any]:
    """Return what the page of one conversion shows."""
    conversion = detail.conversion
    currency = conversion.currency or frame.currency
    return {
        "detail": detail,
        "conversion": conversion,
        "conversion_currency": currency,
        "steps": [_step(frame.info, touch, currency) for touch in detail.touchpoints],
        "end": _end(frame, detail, currency),
        "reason": wording.reason_of(conversion.reason) if conversion.reason else None,
        "facts": facts(frame, detail, currency),
        "by_channel": [*earned_by_channel(detail.touchpoints), *_baseline(detail)],
        "baseline_share": detail.baseline,
        "removed": sum(not touch.is_eligible for touch in detail.touchpoints),
        "claim": wording.CLAIMS[detail.method],
    }


def _step(info: orgs.PropertyInfo, touch: attribution.TouchpointCredit, currency: str) -> Step:
    return Step(
        title=wording.channel_title(touch.channel),
        kind=str(wording.TOUCH_KINDS.get(touch.kind, touch.kind)),
        series=channel_number(touch.channel),
        at=moment(touch.touched_at),
        detail=_detail(info, touch),
        share=touch.credit,
        share_text=percent(touch.credit) if touch.is_eligible else _("removed"),
        money=money(touch.money, currency) if touch.is_eligible else "",
        why=explanations.why(touch),
        is_excluded=not touch.is_eligible,
    )


def _detail(info: orgs.PropertyInfo, touch: attribution.TouchpointCredit) -> SafeString:
    before = _("%(span)s before") % {"span": span(touch.age)}
    source = " / ".join(word for word in (touch.source, touch.medium, touch.campaign) if word)
    address = event_url(info, touch.id)
    link = format_html('<a class="table__link code-link" href="{}">{}</a>', address, touch.id)
    return format_html("{} · {} · {}", before, source, link) if source else format_html("{} · {}", before, link)


def _end(frame: Frame, detail: attribution.JourneyDetail, currency: str) -> dict[str, Any]:
    conversion = detail.conversion
    title = frame.goal.name if frame.goal else _("Conversion")
    return {
        "title": _("Refund of %(goal)s") % {"goal": title} if conversion.is_refund else title,
        "at": moment(conversion.converted_at),
        "detail": conversion.order_id,
        "money": money(conversion.value, currency),
    }


def facts(frame: Frame, detail: attribution.JourneyDetail, currency: str) -> list[tuple[str, Any]]:
    """Return what the conversion is and by which versions of the rules it was judged (R6, R10)."""
    it = detail.conversion
    link = format_html('<a class="table__link code-link" href="{}">{}</a>', event_url(frame.info, it.id), it.id)
    rows: list[tuple[str, Any]] = [
        (_("Message id"), link),
        (_("Order"), it.order_id),
        (_("Person"), str(it.person_id) if it.person_id else _("unknown")),
        (_("Value"), money(it.value, currency)),
        (_("Country"), it.country),
        (_("Device"), it.device),
        (_("Method"), wording.METHOD_TITLES[detail.method]),
        (_("Fit"), _fit_link(frame)),
        (_("Click lookback"), span(detail.click_lookback)),
        (_("View lookback"), span(detail.view_lookback)),
        (_("Goal version"), number(detail.goal_version)),
        (_("Settings version"), number(detail.settings_version)),
        (_("Computed"), moment(detail.built_at) if detail.built_at else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _fit_link(frame: Frame) -> SafeString | str:
    if frame.fit is None:
        return ""
    url = page_url(frame.info, "training-detail", str(frame.fit.id))
    return format_html('<a class="table__link" href="{}">#{}</a>', url, frame.fit.id)


def _baseline(detail: attribution.JourneyDetail) -> list[dict[str, Any]]:
    """Return what no touchpoint caused, as the last row; nothing for methods that know no baseline."""
    if detail.baseline is None:
        return []
    title = wording.channel_title("Baseline")
    return [{"title": title, "number": 0, "share": detail.baseline, "money": detail.baseline_money}]


def earned_by_channel(touches: Sequence[attribution.TouchpointCredit]) -> list[dict[str, Any]]:
    """Return what each channel got in this journey, the greatest first."""
    shares: dict[str, float] = {}
    amounts: dict[str, Decimal] = {}
    for touch in touches:
        if touch.credit:
            shares[touch.channel] = shares.get(touch.channel, 0.0) + touch.credit
            amounts[touch.channel] = amounts.get(touch.channel, Decimal(0)) + touch.money
    return [
        {
            "title": wording.channel_title(name),
            "number": channel_number(name),
            "share": share,
            "money": amounts[name],
        }
        for name, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]
