"""What every figure is about: a goal as it was built, a period, lookbacks, filters. One place puts them into SQL."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import attribution as engine
from apps.attribution import channel_rule_sql, method_sql
from apps.attribution.domain import method_parameters
from apps.attribution.domain.lookbacks import LookbackVersion
from apps.attribution.domain.supposing import NOTHING, Supposed, trial_number
from apps.attribution.goal_sql import Parameters
from apps.attribution.models import Goal
from apps.attribution.queries.training import run_in_force
from apps.attribution.queries.trials import finished_trial
from apps.attribution.queries.versioned_rules import parameters_in_force, versions_in_use
from apps.orgs import api as orgs
from apps.shared import behalf, clickhouse

Period = tuple[datetime, datetime]
Filters = tuple[tuple[str, str], ...]

TOUCH_DIMENSIONS = {
    "channel": "touch_channels",
    "source": "touch_sources",
    "medium": "touch_mediums",
    "campaign": "touch_campaigns",
}
JOURNEY_DIMENSIONS = {"country": "country", "device": "device"}


class UnknownGoal(LookupError):
    """The property has no such goal."""


class UnknownMethod(LookupError):
    """There is no such method."""


class UntrainedMethod(LookupError):
    """A data-driven method has learned nothing for this goal yet."""


class UnknownDimension(LookupError):
    """Journeys cannot be grouped or filtered by this."""


@dataclass(slots=True)
class Scope:
    """A question's bounds, bound: conditions on rows, aliases of the pool, and the values of both."""

    info: orgs.PropertyInfo
    goal_id: int
    where: str
    touch_where: str
    click_lookback: timedelta
    view_lookback: timedelta
    bound: Parameters = field(default_factory=lambda: Parameters("s"))
    versions: tuple[LookbackVersion, ...] = ()
    supposed: Supposed = NOTHING
    journeys: str = "journeys FINAL"
    limits: behalf.Limits = field(default_factory=behalf.Limits)

    def pool(self, dimension: str = "channel") -> list[str]:
        """Return the aliases of the touchpoints that count, keyed by *dimension*, and of the money."""
        pool = method_sql.pool_aliases(
            touch_column(dimension),
            click_lookback=self.click_lookback,
            view_lookback=self.view_lookback,
            bound=self.bound,
            versions=self.versions,
        )
        return [*pool, *method_sql.money_aliases(self.info.currency, self.bound)]

    def passing(self) -> list[str]:
        """Return the alias of which touchpoints of the pool pass the filters, when there are any."""
        if not self.touch_where:
            return []
        passing = f"arrayMap(at -> toUInt8({self.touch_where}), arrayEnumerate(touch_ages_ms))"
        return [f"arrayFilter((one, is_in) -> is_in, {passing}, inside) AS pool_passing"]


def scope_of(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
    supposed: Supposed = NOTHING,
    bound: Parameters | None = None,
) -> Scope:
    """Return the bounds of a question; lookbacks left out are the property's own.

    Whatever is *supposed* stands for what is in force.

    Whoever is limited to some sources or countries gets their limits as filters, which no address can take away:
    the runner of ClickHouse refuses a question without them. Raises UnknownGoal, UnknownTrial or UnknownDimension.
    """
    limits = behalf.current().limits
    if limits.sources:  # by moving the windows, the touchpoints of others could be timed
        click_lookback = view_lookback = None
    info = orgs.property_by_id(property_id)
    version = Goal.objects.filter(property_id=property_id, pk=goal_id).values_list("built_version", flat=True).first()
    if version is None:
        raise UnknownGoal(goal_id)
    number = goal_id
    if supposed.trial_id is not None:
        number, version = trial_number(finished_trial(property_id, goal_id, supposed.trial_id).pk), 1
    bound = bound or Parameters("s")
    conditions = [
        "property_id = {property_id:UInt64}",
        f"goal_id = {bound.bind(number, 'UInt64')}",
        f"goal_version = {bound.bind(version, 'UInt32')}",
        f"converted_at >= {_instant(period[0], bound)}",
        f"converted_at < {_instant(period[1], bound)}",
    ]
    conditions += [
        f"{JOURNEY_DIMENSIONS[name]} = {bound.bind(value)}" for name, value in filters if name in JOURNEY_DIMENSIONS
    ]
    conditions += [f"country IN {clickhouse.SEEN_COUNTRIES}"] if limits.countries else []
    of_touches = [(name, value) for name, value in filters if name not in JOURNEY_DIMENSIONS]
    touched = [f"{touch_column(name)}[at] = {bound.bind(value)}" for name, value in of_touches]
    if limits.sources:
        touched.append(f"touch_sources[at] IN {clickhouse.SEEN_SOURCES}")
        conditions.append(f"hasAny(touch_sources, {clickhouse.SEEN_SOURCES})")
    return Scope(
        info=info,
        goal_id=goal_id,
        where=" AND ".join(conditions),
        touch_where=" AND ".join(touched),
        click_lookback=info.rules.click_lookback if click_lookback is None else click_lookback,
        view_lookback=info.rules.view_lookback if view_lookback is None else view_lookback,
        bound=bound,
        versions=versions_in_use(property_id, supposed.overrides),
        supposed=supposed,
        journeys=_ruled(supposed.channel_rules, bound),
        limits=limits,
    )


def _ruled(rules: engine.ChannelRules | None, bound: Parameters) -> str:
    """Return what journeys are read from: the table, or the table with the channels that other rules give."""
    if rules is None:
        return "journeys FINAL"
    channels = channel_rule_sql.ruled_channels(rules, bound)
    scope = "property_id = {property_id:UInt64}"
    return f"(SELECT * REPLACE ({channels} AS touch_channels) FROM journeys FINAL WHERE {scope})"


def touch_column(dimension: str) -> str:
    """Return the array of `journeys` that holds a dimension; raises UnknownDimension."""
    if dimension not in TOUCH_DIMENSIONS:
        raise UnknownDimension(dimension)
    return TOUCH_DIMENSIONS[dimension]


def chosen(property_id: int, goal_id: int, method: str, supposed: Supposed = NOTHING) -> method_sql.Chosen:
    """Return a method by name with its parameters, a data-driven one with the weights in force, or with those supposed.

    Raises UnknownMethod, UntrainedMethod, or BadParameters for parameters that were supposed.
    """
    if method in engine.METHODS:
        own = supposed.parameters
        parameters = parameters_in_force(property_id).get(method, {}) if own is None else own
        return method_sql.Chosen(method_parameters.spec_of(method, parameters))
    if method not in engine.LEARNED:
        raise UnknownMethod(method)
    if supposed.trial_id is not None:
        fit = finished_trial(property_id, goal_id, supposed.trial_id).fit
        if fit and fit["method"] == method:
            return method_sql.Chosen(engine.Fit.from_dict(fit).spec)
    run = run_in_force(property_id, goal_id, method)
    if run is None:
        raise UntrainedMethod(method)
    return method_sql.Chosen(engine.Fit.from_dict(run.fit or {}).spec, run.pk)


def columns_of(scope: Scope, name: str, method: str) -> method_sql.MethodColumns:
    """Return how a method is worked out in a question; *name* keeps the aliases of several apart."""
    one = chosen(scope.info.id, scope.goal_id, method, scope.supposed)
    return method_sql.method_columns(one.spec, name, scope.bound, version=one.version)


def matches(scope: Scope) -> str:
    """Return the condition that some touchpoint inside the lookbacks passes every filter on touchpoints."""
    if not scope.touch_where:
        return "true"
    return f"arrayExists((at, is_in) -> is_in AND {scope.touch_where}, arrayEnumerate(touch_ages_ms), inside)"


def money(units: int) -> Decimal:
    """Return stored ten-thousandths as an amount."""
    return Decimal(units).scaleb(-4)


def _instant(value: datetime, bound: Parameters) -> str:
    return bound.bind(value, "DateTime64(3, 'UTC')")
