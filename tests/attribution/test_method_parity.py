"""Every rule-based method in SQL against the engine, on generated and on real journeys (R3)."""

import csv
import os
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import attribution as engine
from apps.attribution import method_sql
from apps.attribution.adapters import clickhouse_weights
from apps.attribution.domain.lookbacks import LookbackVersion
from apps.attribution.goal_sql import Parameters
from apps.attribution.training_sql import Material
from apps.shared import clickhouse

pytestmark = pytest.mark.usefixtures("clickhouse")
PROPERTY, GOAL = 41, 7
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
REAL = Path(os.environ.get("TRIBUTARY_JOURNEYS") or Path(__file__).parents[3] / "shared" / "data" / "journeys.csv")
LOOKBACKS = engine.Lookbacks(click=timedelta(days=30), view=timedelta(days=1))
CHANNELS = ("Direct", "Email", "Paid Search", "Organic Search", "Paid Social", "Display")
SPECS: dict[str, engine.MethodSpec] = {
    **{name: method.spec for name, method in engine.METHODS.items()},
    "custom_by_all": engine.METHODS["custom"].build(
        from_start=(3.0, 0.5),
        from_end=(2.0, 0.0, 1.0),
        otherwise=0.25,
        by_channel={"Email": 2.0, "Direct": 0.0},
        by_kind={"view": 0.1},
    ),
    "custom_zero_for_direct": engine.METHODS["custom"].build(by_channel={"Direct": 0.0}),
    "position_first_and_rest": engine.METHODS["position_based"].build(first=0.7, rest=0.3, last=0.0),
    "hour_decay": engine.METHODS["time_decay"].build(half_life=timedelta(hours=1)),
    "decay_of_paid_clicks": engine.MethodSpec(
        "decay_of_paid_clicks", engine.Decay(timedelta(days=1)), prefers=(engine.PAID_CLICK, engine.NON_DIRECT)
    ),
    "collapsed_linear": replace(engine.METHODS["linear"].spec, repeats="collapse"),
    "last_of_distinct": replace(
        engine.METHODS["last_touch"].spec, repeats="distinct", prefers=(engine.PAID_CLICK, engine.NON_DIRECT)
    ),
    "first_of_each_by_position": replace(
        engine.METHODS["position_based"].spec, repeats="first_of_each", prefers=(engine.NON_DIRECT,)
    ),
    "markov": engine.MethodSpec("markov", engine.Learned((("Email", 0.2), ("Display", 0.0), ("Paid Search", 0.7)))),
    "shapley": engine.MethodSpec("shapley", engine.Learned((("Email", 0.2), ("Paid Search", 0.7)), distinct=True)),
    "first_non_direct": engine.MethodSpec("first_non_direct", engine.Shares(first=1.0), prefers=(engine.NON_DIRECT,)),
}


INTENSITIES = tuple(
    engine.MethodSpec(
        "incremental",
        engine.Intensity(
            baseline,
            (
                engine.Effect("Paid Search", timedelta(days=1), 0.3),
                engine.Effect("Paid Search", timedelta(days=3), 0.2, delayed=True),
                engine.Effect("Email", timedelta(days=6), 0.1, delayed=True),
            ),
            signal=0.01,
            from_youngest=from_youngest,
            lasting=0.9,
        ),
    )
    for baseline, from_youngest in ((0.1, False), (0.02, True))
)


class Part(NamedTuple):
    """What one touchpoint of one journey earned."""

    conversion_id: str
    channel: str
    share: float
    money: Decimal


def _random_journeys(rng: random.Random, count: int, currency: str) -> list[engine.Journey]:
    lengths = [0, 1, 2, 3, 4, 5, 8, 40]
    return [_random_journey(rng, f"c{number}", rng.choice(lengths), currency) for number in range(count)]


def _random_journey(rng: random.Random, name: str, length: int, currency: str) -> engine.Journey:
    channels = rng.choice([CHANNELS, CHANNELS[:1], CHANNELS[:2]])
    step = rng.choice([timedelta(0), timedelta(minutes=7), timedelta(hours=9), timedelta(days=4)])
    age = timedelta(0)
    touchpoints = []
    for number in range(length):
        age += step * rng.choice([0, 1, 1, rng.random()])
        touchpoints.append(
            engine.Touchpoint(
                f"{name}-{rng.randrange(1000)}-{number}",
                rng.choice(list(engine.TouchKind)),
                NOON - min(age, engine.WIDEST_LOOKBACK) // MILLISECOND * MILLISECOND,
                NOON + timedelta(seconds=rng.choice([0, 1])),
                rng.choice(channels),
            )
        )
    value = Decimal(rng.choice([0, 1, 7, 99, 100, 1000, 12_345, 99_999_999])) / rng.choice([1, 10, 100, 10_000])
    reached = rng.choice([None, NOON, NOON - age / 2, NOON - 2 * age])
    return engine.Journey(
        engine.Conversion(name, NOON, rng.choice([1, 1, -1]) * value, currency),
        tuple(touchpoints),
        milestone_at=reached,
    )


def _real_journeys() -> list[engine.Journey]:
    """Return one journey for every conversion of the public set: a customer's rows up to and with it."""
    with REAL.open(encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["customer_id"])
    journeys = []
    for customer, own in groupby(rows, key=lambda row: row["customer_id"]):
        touched = [(row, datetime.fromisoformat(row["time"])) for row in own]
        points = [
            engine.Touchpoint(f"{customer}-{number}", engine.TouchKind.CLICK, at, at, row["channel"])
            for number, (row, at) in enumerate(touched)
        ]
        for number, (row, at) in enumerate(touched):
            if row["conversion"] == "1":
                before = tuple(point for point in points if point.touched_at <= at)
                sale = engine.Conversion(f"{customer}-sale-{number}", at, Decimal(row["conversion_value"]), "USD")
                journeys.append(engine.Journey(sale, before))
    return journeys


def _store(journeys: Iterable[engine.Journey]) -> None:
    columns: dict[str, list[Any]] = {}
    for journey in journeys:
        conversion, touches = journey.conversion, engine.in_touch_order(journey.touchpoints)
        reached = journey.milestone_at and (conversion.converted_at - journey.milestone_at) // MILLISECOND
        row = {
            "property_id": PROPERTY,
            "goal_id": GOAL,
            "goal_version": 1,
            "conversion_id": conversion.id,
            "is_counted": True,
            "is_refund": conversion.value < 0,
            "converted_at": conversion.converted_at,
            "credited_at": conversion.converted_at,
            "value": conversion.value,
            "currency": conversion.currency,
            "milestone_age_ms": reached,
            "touch_ids": [one.id for one in touches],
            "touch_kinds": [one.kind.value for one in touches],
            "touch_ages_ms": [engine.age_ms(one, conversion) for one in touches],
            "touch_channels": [one.channel for one in touches],
            "touch_sources": [one.source for one in touches],
            "touch_mediums": [one.medium for one in touches],
            "touch_campaigns": [one.campaign for one in touches],
            "touch_ad_groups": [one.ad_group for one in touches],
            "version": 1,
        }
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    clickhouse.insert("journeys", columns)


def _by_sql(
    spec: engine.MethodSpec, currency: str, lookbacks: engine.Lookbacks = LOOKBACKS, version: int | None = None
) -> list[Part]:
    bound = Parameters()
    pool = [
        *method_sql.pool_aliases(
            "touch_ids",
            click_lookback=lookbacks.click,
            view_lookback=lookbacks.view,
            versions=[LookbackVersion(lookbacks.overrides)],
            bound=bound,
        ),
        *method_sql.money_aliases(currency, bound),
    ]
    method = method_sql.method_columns(spec, "m", bound, version=version)
    rows = f"""
        SELECT conversion_id, milestone_age_ms, {", ".join(pool)} FROM journeys FINAL
        WHERE property_id = {{property_id:UInt64}}
    """
    sql = f"""
        SELECT conversion_id, key, toFloat64({method.credit}), toInt64({method.money})
        FROM ({method_sql.nested(rows, [method])}) ARRAY JOIN {method_sql.joined([method])}
        ORDER BY conversion_id, place
    """
    parts = clickhouse.select(sql, Part, property_id=PROPERTY, limits=clickhouse.JOB, **bound.values)
    return [part._replace(money=Decimal(part.money).scaleb(-4)) for part in parts]


def _by_engine(
    spec: engine.MethodSpec, journeys: Iterable[engine.Journey], lookbacks: engine.Lookbacks = LOOKBACKS
) -> list[Part]:
    return [
        Part(one.conversion_id, one.touchpoint.id if one.touchpoint else engine.BASELINE, one.share, one.amount)
        for journey in sorted(journeys, key=lambda journey: journey.conversion.id)
        for one in engine.credit(spec, journey, lookbacks)
        if one.touchpoint or one.channel == engine.BASELINE
    ]


def _check(spec: engine.MethodSpec, journeys: list[engine.Journey], currency: str, version: int | None = None) -> None:
    found, wanted = _by_sql(spec, currency, version=version), _by_engine(spec, journeys)
    earned = {(one.conversion_id, one.channel): one for one in found if one.share or one.money}
    assert len(earned) == sum(bool(one.share or one.money) for one in wanted)
    for one in wanted:
        ours = earned.get((one.conversion_id, one.channel), Part("", "", 0.0, Decimal(0)))
        assert isclose(ours.share, one.share, rel_tol=0, abs_tol=1e-9), one
        assert ours.money == one.money, one
    attributed = {one.conversion_id for one in wanted}
    assert sum(one.money for one in found) == sum(
        journey.conversion.value for journey in journeys if journey.conversion.id in attributed
    )
    assert isclose(sum(one.share for one in found), len(attributed), rel_tol=0, abs_tol=1e-9 * (len(attributed) + 1))


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "CLF"])
def test_generated_journeys_every_method_equals_engine(currency: str) -> None:
    journeys = _random_journeys(random.Random(f"parity {currency}"), 400, currency)
    _store(journeys)

    for spec in (*SPECS.values(), *INTENSITIES):
        _check(spec, journeys, currency)


@pytest.mark.parametrize("name", ["markov", "shapley", "incremental", "visits"])
def test_stored_weights_joined_at_read_time_equal_the_fit(name: str) -> None:
    spec = dict(zip(("incremental", "visits"), INTENSITIES, strict=True)).get(name) or SPECS[name]
    journeys = _random_journeys(random.Random(f"stored {name}"), 200, "EUR")
    _store(journeys)
    fit = engine.Fit(
        method=spec.name,
        parameters={},
        channels=(engine.ChannelFit("Email", 0.2, 0.6, 0.5, 0.7),),
        spec=spec,
        baseline=None,
        quality={},
        paths=10,
        conversions=5,
        data_hash="",
    )
    material = Material(GOAL, 1, is_once=False, window_from=NOON, window_to=NOON, lookbacks=LOOKBACKS, drawing=1)
    for version, now in ((6, NOON), (7, NOON), (7, NOON + timedelta(hours=1))):  # a repeat changes nothing
        clickhouse_weights.write(PROPERTY, version, fit, material, now=now)

    _check(spec, journeys, "EUR", version=7)


def test_lookbacks_of_sources_campaigns_and_ad_groups_equal_engine() -> None:
    """The most specific override wins, for each kind of touchpoint by itself."""
    rng = random.Random("overrides")
    journeys = [
        replace(
            one,
            touchpoints=tuple(
                replace(
                    touch,
                    source=rng.choice(["google", "meta", ""]),
                    campaign=rng.choice(["spring", "autumn", ""]),
                    ad_group=rng.choice(["boots", "hats", ""]),
                )
                for touch in one.touchpoints
            ),
        )
        for one in _random_journeys(rng, 300, "EUR")
    ]
    overrides = (
        engine.LookbackOverride(source="google", click=timedelta(days=3), view=timedelta(days=7)),
        engine.LookbackOverride(campaign="spring", click=timedelta(hours=20)),
        engine.LookbackOverride("google", "spring", click=timedelta(days=60)),
        engine.LookbackOverride(ad_group="boots", click=timedelta(days=2)),
        engine.LookbackOverride("meta", ad_group="boots", view=timedelta(hours=3)),
        engine.LookbackOverride("google", "spring", "hats", click=timedelta(days=1)),
    )
    lookbacks = replace(LOOKBACKS, overrides=overrides)
    _store(journeys)
    spec = engine.METHODS["linear"].spec

    found = {(one.conversion_id, one.channel): one.share for one in _by_sql(spec, "EUR", lookbacks)}
    wanted = {(one.conversion_id, one.channel): one.share for one in _by_engine(spec, journeys, lookbacks)}

    assert found == pytest.approx(wanted, abs=1e-9)
    assert wanted != {(one.conversion_id, one.channel): one.share for one in _by_engine(spec, journeys)}


@pytest.mark.skipif(not REAL.exists(), reason="journeys.csv is not there: name it in TRIBUTARY_JOURNEYS")
def test_real_journeys_every_method_equals_engine() -> None:
    journeys = _real_journeys()
    _store(journeys)

    assert len(journeys) > 1000
    for spec in SPECS.values():
        _check(spec, journeys, "USD")
