"""The nightly retraining: what was trained by hand is trained again with the newest days, by the same parameters."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max

from apps.attribution.models import Goal, TrainingRun
from apps.attribution.services.training import TrainingUnderWay, ask_training
from apps.orgs import api as orgs
from apps.shared import clickhouse

_DAY = timedelta(days=1)


def default_window(*, property_id: int, goal_id: int, days: int, now: datetime) -> tuple[datetime, datetime]:
    """Return the window to train on: whole days of the property's clock, the last that has a conversion being the end.

    The day that still runs is left out, unless there is no other.
    """
    zone = ZoneInfo(orgs.property_by_id(property_id).time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, tzinfo=zone)
    sql = """
        SELECT countIf(converted_at < {midnight:DateTime64(3, 'UTC')}),
            toUnixTimestamp64Milli(maxIf(converted_at, converted_at < {midnight:DateTime64(3, 'UTC')}))
        FROM journeys
        WHERE property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64} AND NOT is_refund
    """
    count, newest_ms = clickhouse.select(
        sql, lambda *row: row, property_id=property_id, goal_id=goal_id, midnight=midnight
    )[0]
    last_on = datetime.fromtimestamp(newest_ms / 1000, tz=zone).date() if count else now.astimezone(zone).date()
    end = datetime.combine(last_on + _DAY, time.min, tzinfo=zone)
    return datetime.combine(last_on + _DAY - days * _DAY, time.min, tzinfo=zone), end


def ask_retrainings(*, now: datetime, region: str | None = None) -> list[TrainingRun]:
    """Ask for a training of every goal and method that pages credit by, with a window of the same length up to now.

    With a *region*, of its properties alone.
    """
    asked = []
    here = set(orgs.all_property_ids(region))
    for run in (run for run in _newest_runs() if run.property_id in here):
        days = max(1, round((run.window_to - run.window_from) / _DAY))
        window = default_window(property_id=run.property_id, goal_id=run.goal_id, days=days, now=now)
        try:
            asked.append(
                ask_training(
                    property_id=run.property_id,
                    goal_id=run.goal_id,
                    method=run.method,
                    window=window,
                    asked_by=None,
                    now=now,
                    order=int(run.parameters.get("order", 1)),
                    repeats=run.parameters.get("repeats", "keep"),
                    drops_direct=bool(run.parameters.get("drops_direct")),
                    is_nightly=True,
                )
            )
        except TrainingUnderWay:
            continue
    return asked


def _newest_runs() -> list[TrainingRun]:
    """Return the newest run that succeeded of each goal in use and method."""
    trained = TrainingRun.objects.filter(status=TrainingRun.Status.SUCCEEDED, goal__is_archived=False)
    newest = trained.values("goal", "method").annotate(newest=Max("pk")).values("newest")
    in_use = Goal.objects.filter(is_archived=False).values("pk")
    return list(TrainingRun.objects.filter(pk__in=newest, goal__in=in_use).order_by("pk"))
