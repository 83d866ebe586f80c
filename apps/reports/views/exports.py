"""Any table of the reports as CSV: the rows that are seen, under the same address parameters."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.core.exceptions import PermissionDenied
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from apps.compliance import recording
from apps.orgs import api as orgs
from apps.reports import breakdown, queries, timeline, wording
from apps.reports.domain.buckets import Bucket, buckets_of, grain_of
from apps.reports.frame import Frame, read_frame
from apps.reports.queries import Question
from apps.reports.rules import report_page
from apps.reports.search import Search, read_search
from apps.reports.views.decisions import rows_of
from apps.reports.views.methods import usable_methods
from apps.shared.tables import Cell, csv_lines

Rows = Iterable[Sequence[Cell]]
Table = tuple[Sequence[str], Rows]


@report_page(needs=orgs.Permission.EXPORT)
def table_export(request: orgs.PropertyRequest, table: str) -> HttpResponseBase:
    """Stream a table as CSV."""
    if table not in TABLES:
        raise Http404
    if not request.access.may(NEEDS.get(table, orgs.Permission.REPORTS)):
        raise PermissionDenied
    frame = read_frame(request)
    if frame.state.goal_id is None:
        raise Http404
    question = Question(frame.info.id, frame.state.goal_id, frame.state.period, frame.state)
    recording.record(
        action="export",
        organization_id=frame.info.organization_id,
        subject="reports_table",
        subject_id=table,
        property=frame.info.slug,
        query=request.GET.urlencode(),
    )
    header, rows = TABLES[table](frame, question, read_search(request.GET))
    return csv_answer(frame, table, header, rows)


def csv_answer(frame: Frame, table: str, header: Sequence[str], rows: Rows) -> HttpResponseBase:
    """Return a table as a file that is written while it is sent."""
    response = StreamingHttpResponse(_spoken(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(frame, table)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _spoken(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Yield the lines in the language of the request, which is over when they are read."""
    language = get_language() or "en"

    def lines() -> Iterator[bytes]:
        with override(language):
            for line in csv_lines(header, rows):
                yield line.encode()

    return lines()


def _file_name(frame: Frame, table: str) -> str:
    period = frame.state.period
    return f"{slugify(frame.info.slug)}-{table}-{period.starts_on}-{period.ends_on}.csv"


def _days(frame: Frame, question: Question, _search: Search) -> Table:
    buckets = buckets_of(question.period, now=frame.now)
    points = queries.credit_over_time(question, dimension="channel")
    values = timeline.values_over_time(points, question.period, buckets)
    grain = grain_of(question.period)
    header = [_("From"), _("To"), _("Complete"), *(wording.channel_title(name) for name in values)]
    rows = (
        _day_line(bucket, [round(row[place], 4) for row in values.values()]) for place, bucket in enumerate(buckets)
    )
    return [*header[:2], f"{header[2]} ({grain})", *header[3:]], rows


def _day_line(bucket: Bucket, values: Sequence[float]) -> list[Cell]:
    is_complete = _("no") if bucket.is_incomplete else _("yes")
    return [bucket.starts_on.isoformat(), bucket.ends_on.isoformat(), is_complete, *values]


def _breakdown(frame: Frame, question: Question, _search: Search) -> Table:
    state, currency = frame.state, frame.currency
    header = [
        str(wording.DIMENSIONS[state.dimension]),
        _("Conversions"),
        f"{_('Revenue')} ({currency})",
        _("Share"),
        _("Conversions touched"),
    ]
    spend = queries.spend(question, currency=currency)
    rows = breakdown.breakdown_rows(state, queries.credit(question, dimension=state.dimension), (), spend)
    rows.sort(key=lambda row: (-row.conversions, row.key))
    if not spend:
        return header, ((row.key, row.conversions, row.revenue, row.share, row.touched) for row in rows)
    header += [
        f"{wording.SPEND['cost']} ({currency})",
        f"{wording.SPEND['cost_per_conversion']} ({currency})",
        str(wording.SPEND["return_on_spend"]),
    ]
    return header, (_with_cost(row) for row in rows)


def _with_cost(row: breakdown.Row) -> Sequence[Cell]:
    per, back = row.cost_per_conversion, row.return_on_spend
    figures = (row.cost, None if per is None else round(per, 4), None if back is None else round(back, 4))
    return (
        row.key,
        row.conversions,
        row.revenue,
        row.share,
        row.touched,
        *("" if one is None else one for one in figures),
    )


def _methods(frame: Frame, question: Question, _search: Search) -> Table:
    header = [_("Channel"), _("Method"), _("Conversions"), f"{_('Revenue')} ({frame.currency})", _("Share")]
    rows = queries.compared_methods(question, methods=usable_methods(frame), dimension="channel")
    return header, ((row.key, row.method, row.conversions, row.revenue, row.share) for row in rows)


def _unattributed(frame: Frame, question: Question, _search: Search) -> Table:
    header = [_("Reason"), _("Conversions"), f"{_('Revenue')} ({frame.currency})", _("Part of the sum")]
    totals, reasons = queries.whole(question.unfiltered())
    lines: list[Sequence[Cell]] = [("attributed", totals.attributed, totals.attributed_revenue, _("yes"))]
    lines += [
        (row.reason, row.conversions, row.revenue, _("yes") if row.is_part_of_total else _("no")) for row in reasons
    ]
    return header, lines


def _conversions(frame: Frame, question: Question, search: Search) -> Table:
    if not frame.access.may(orgs.Permission.JOURNEYS):
        return _own_conversions(frame, question, search)
    header = [
        _("Time (UTC)"),
        _("Message id"),
        _("Order"),
        _("Person"),
        _("Value"),
        _("Currency"),
        _("Credited channel"),
        _("Unattributed because"),
        _("Touchpoints"),
        _("Device"),
        _("Country"),
        _("Refund"),
        _("Counted"),
    ]
    return header, _conversion_rows(question, search)


def _conversion_rows(question: Question, search: Search) -> Iterator[Sequence[Cell]]:
    for row in queries.all_conversions(question, reason=search.reason, search=search.text):
        yield (
            row.converted_at.isoformat(),
            row.id,
            row.order_id,
            str(row.person_id),
            row.value,
            row.currency,
            row.channel,
            row.reason,
            row.touchpoints,
            row.device,
            row.country,
            _("yes") if row.is_refund else _("no"),
            _("yes") if row.is_counted else _("no"),
        )


def _own_conversions(frame: Frame, question: Question, search: Search) -> Table:
    revenue = f"{_('Revenue')} ({frame.currency})"
    header = [
        _("Time (UTC)"),
        _("Message id"),
        _("Order"),
        _("Device"),
        _("Country"),
        _("Refund"),
        _("Credit"),
        revenue,
    ]
    found = queries.all_own_conversions(question, search=search.text)
    return header, (
        (
            row.converted_at.isoformat(), row.id, row.order_id, row.device, row.country,
            _("yes") if row.is_refund else _("no"), round(row.credit, 9), row.money,
        )
        for row in found
    )  # fmt: skip


# What a table needs beside the permission to take tables along: what its page needs.
NEEDS = {
    "unattributed": orgs.Permission.JOURNEYS,
    "conversions": orgs.Permission.CONVERSIONS,
    "decisions": orgs.Permission.JOURNEYS,
}


def _decisions(frame: Frame, _question: Question, _search: Search) -> Table:
    header = [
        _("Source"), _("Installs"), _("Re-attributions"), _("Re-engagements"), _("Plain re-installs"),
        _("Credited conversions"), _("Of them primary"), f"{_('Revenue')} ({frame.currency})",
    ]  # fmt: skip
    rows = (
        (row.source, row.installs, row.reattributions, row.reengagements, row.plain_reinstalls, row.credited,
         row.primary, row.revenue)
        for row in rows_of(frame)
    )  # fmt: skip
    return header, rows


TABLES: dict[str, Callable[[Frame, Question, Search], Table]] = {
    "days": _days,
    "breakdown": _breakdown,
    "methods": _methods,
    "unattributed": _unattributed,
    "conversions": _conversions,
    "decisions": _decisions,
}
