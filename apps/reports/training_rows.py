"""A training as a row: its state in words and a colour, how far it is, who asked."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import fits, wording
from apps.reports.addresses import page_url
from apps.shared.templatetags.figures import day, span

STATES: dict[str, tuple[str | Promise, str]] = {
    "queued": (pgettext_lazy("state of a training", "waiting"), "accent"),
    "running": (pgettext_lazy("state of a training", "running"), "accent"),
    "succeeded": (pgettext_lazy("state of a training", "trained"), "good"),
    "refused": (pgettext_lazy("state of a training", "cannot tell"), "warn"),
    "failed": (pgettext_lazy("state of a training", "failed"), "bad"),
    "canceled": (pgettext_lazy("state of a training", "canceled"), ""),
}
STAGES: dict[str, str | Promise] = {
    "": gettext_lazy("Waiting for a worker"),
    "building": gettext_lazy("Bringing journeys up to date"),
    "drawing": gettext_lazy("Drawing everybody’s history"),
    "counting": gettext_lazy("Reducing journeys to counts"),
    "fitting": gettext_lazy("Fitting, with intervals"),
    "writing": gettext_lazy("Writing the weights"),
}


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One training, formatted."""

    it: attribution.TrainingInfo
    title: str
    state: str
    tone: str
    stage: str
    window: str
    asked_by: str
    asked_at: datetime
    took: str
    url: str
    cancel_url: str


def row_of(info: orgs.PropertyInfo, run: attribution.TrainingInfo) -> TrainingRow:
    """Return the row of a training."""
    state, tone = STATES[run.status]
    order = int(run.parameters.get("order", 1))
    title = str(wording.METHOD_TITLES[run.method])
    return TrainingRow(
        it=run,
        title=title if order == 1 else _("%(method)s, order %(order)s") % {"method": title, "order": order},
        state=str(state),
        tone=tone,
        stage=_("Stopping") if run.is_cancel_wanted else str(STAGES[run.stage]),
        window=f"{day(fits.first_day(run))} – {day(fits.last_day(run))}",
        asked_by=_("every night") if run.is_nightly else run.asked_by,
        asked_at=run.asked_at,
        took=span(run.finished_at - run.started_at) if run.started_at and run.finished_at else "",
        url=page_url(info, "training-detail", str(run.id)),
        cancel_url=page_url(info, "training-cancel", str(run.id)),
    )
