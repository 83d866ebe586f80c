"""Journeys for the engine's tests, written by hand or drawn by hypothesis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

import attribution as engine

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MS = timedelta(milliseconds=1)
CHANNELS = ("Paid Search", "Email", "Direct", "Display", "Organic Search", "Referral")
SPECS = tuple(method.spec for method in engine.METHODS.values())
# Parameters off the beaten path, to be tested with everything that the plain methods are tested with.
ODD_SPECS = (
    engine.METHODS["position_based"].build(first=0.0, rest=1.0, last=0.0),
    engine.METHODS["position_based"].build(first=0.7, rest=0.0, last=0.1),
    engine.METHODS["w_shaped"].build(first=0.0, milestone=1.0, last=0.0, rest=0.0),
    engine.METHODS["time_decay"].build(half_life=timedelta(seconds=1)),
    engine.METHODS["custom"].build(
        from_start=(3.0, 1.0), from_end=(5.0, 0.0), otherwise=0.5, by_channel={"Email": 2.0, "Direct": 0.0}
    ),
    engine.METHODS["custom"].build(from_end=(1.0,), otherwise=0.0, by_kind={"view": 0.0}),
    engine.METHODS["custom"].build(by_channel=dict.fromkeys(CHANNELS, 0.0)),
    replace(engine.METHODS["linear"].spec, repeats="collapse"),
    replace(engine.METHODS["time_decay"].spec, repeats="first_of_each"),
    replace(engine.METHODS["last_touch"].spec, repeats="distinct", prefers=(engine.NON_DIRECT,)),
    replace(engine.METHODS["position_based"].spec, repeats="collapse", prefers=(engine.PAID_CLICK, engine.NON_DIRECT)),
    engine.MethodSpec("markov", engine.Learned((("Display", 0.0), ("Email", 0.2), ("Paid Search", 0.7)))),
    engine.MethodSpec("shapley", engine.Learned((("Email", 0.2), ("Paid Search", 0.7)), distinct=True)),
)
INTENSITIES = tuple(
    engine.MethodSpec(
        "incremental",
        engine.Intensity(
            baseline,
            (
                engine.Effect("Paid Search", DAY, 0.3),
                engine.Effect("Paid Search", 3 * DAY, 0.2, delayed=True),
                engine.Effect("Email", 6 * DAY, 0.1, delayed=True),
            ),
            signal,
            from_youngest=from_youngest,
            lasting=lasting,
        ),
    )
    for baseline, signal, from_youngest, lasting in (
        (0.1, 0.01, False, 0.9),
        (0.0, 0.0, False, 1.0),
        (0.2, 0.0, True, 1.0),
    )
)


def touch(
    name: str,
    age: timedelta = timedelta(0),
    channel: str = "Email",
    kind: engine.TouchKind = engine.TouchKind.CLICK,
    received_after: timedelta = timedelta(0),
) -> engine.Touchpoint:
    """Return a touchpoint *age* before noon."""
    return engine.Touchpoint(name, kind, NOON - age, NOON - age + received_after, channel)


def journey(*touchpoints: engine.Touchpoint, value: str = "100.00", currency: str = "EUR") -> engine.Journey:
    """Return a conversion at noon with these touchpoints."""
    return engine.Journey(engine.Conversion("sale", NOON, Decimal(value), currency), touchpoints, person="u:ann")


def path(*channels: str) -> engine.Journey:
    """Return a journey of one click a day, the last on the day of the conversion."""
    days = reversed(range(len(channels)))
    return journey(*(touch(f"t{day}", day * DAY, channel) for day, channel in zip(days, channels, strict=True)))


def shares(spec: engine.MethodSpec, of: engine.Journey, lookbacks: engine.Lookbacks | None = None) -> list[float]:
    """Return the shares in touch order."""
    return [one.share for one in engine.credit(spec, of, lookbacks)]


# Few distinct ages, so that ties are common; some outside the windows, some after the conversion.
_AGES = st.one_of(
    st.sampled_from([timedelta(0), MS, timedelta(hours=24), timedelta(hours=24) + MS, 30 * DAY, 30 * DAY + MS, -MS]),
    st.integers(0, 95 * 24 * 3600 * 1000).map(lambda ms: ms * MS),
)


@st.composite
def touchpoints(draw: st.DrawFn, most: int = 9) -> list[engine.Touchpoint]:
    """Draw touchpoints with distinct ids, in no order."""
    count = draw(st.integers(0, most))
    return [
        touch(
            f"t{number}",
            draw(_AGES),
            draw(st.sampled_from(CHANNELS)),
            draw(st.sampled_from(engine.TouchKind)),
            draw(st.sampled_from([timedelta(0), MS, DAY])),
        )
        for number in range(count)
    ]


@st.composite
def journeys(draw: st.DrawFn) -> engine.Journey:
    """Draw a journey, with or without touchpoints, of any worth."""
    value = draw(st.decimals(-100_000, 100_000, places=draw(st.sampled_from([0, 2, 4]))))
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", ""]))
    milestone_at = draw(st.none() | _AGES.map(lambda age: NOON - age))
    conversion = engine.Conversion("sale", NOON, value, currency)
    return engine.Journey(conversion, tuple(draw(touchpoints())), "u:ann", milestone_at=milestone_at)


def specs() -> st.SearchStrategy[engine.MethodSpec]:
    """Draw a method, plain or with odd parameters."""
    return st.sampled_from(SPECS + ODD_SPECS + INTENSITIES)
