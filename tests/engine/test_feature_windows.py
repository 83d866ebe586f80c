"""Features in which touches count for a lookback alone, beside a sum over small steps of time (R4)."""

import random
from datetime import timedelta

import numpy as np
import pytest

import attribution as engine
from tests.engine.builders import NOON

STEP = timedelta(minutes=10)
DAYS = 12
SINCE = NOON + timedelta(days=6)
KERNEL = engine.Kernel(timedelta(days=3))
EARLY = engine.Lookbacks(click=timedelta(days=2), view=timedelta(hours=20))
LATE = engine.Lookbacks(
    click=timedelta(days=5),
    view=timedelta(hours=30),
    overrides=(engine.LookbackOverride(source="google", click=timedelta(hours=7)),),
)


def _touch(rng: random.Random, name: str) -> engine.Touchpoint:
    at = NOON + rng.randrange(DAYS * 144) * STEP
    kind, channel = rng.choice(list(engine.TouchKind)), rng.choice(("Email", "Paid Search"))
    return engine.Touchpoint(name, kind, at, at, channel, source=rng.choice(("google", "news")))


def _people(rng: random.Random) -> list[engine.History]:
    found = []
    for number in range(30):
        touches = tuple(_touch(rng, f"{number}-{nth}") for nth in range(rng.randrange(5)))
        conversions = tuple(NOON + rng.randrange(DAYS * 144) * STEP for _ in range(rng.randrange(2)))
        found.append(engine.History(str(number), touches, conversions, NOON, NOON + timedelta(days=DAYS)))
    return found


def _strength(person: engine.History, channel: str, instant_ms: int) -> float:
    """Return the sum of the kernel over the touches of a channel that count at an instant."""
    lookbacks = LATE if instant_ms >= engine.milliseconds(SINCE) else EARLY
    ages = [
        (instant_ms - engine.milliseconds(one.touched_at), lookbacks.of_touchpoint(one) // timedelta(milliseconds=1))
        for one in person.touchpoints
        if one.channel == channel
    ]
    return float(sum(KERNEL.at(np.array([age]))[0] for age, limit in ages if 0 <= age <= limit))


@pytest.mark.parametrize("seed", range(3))
def test_columns_count_a_touch_for_its_lookback_by_the_version_of_the_moment(seed: int) -> None:
    people = _people(random.Random(seed))
    histories = engine.HistoryArrays.of(people, versions=[(0, EARLY), (engine.milliseconds(SINCE), LATE)])

    block = engine.feature_block(histories, "time", (KERNEL,))

    ordered = sorted(people, key=lambda one: one.person)
    events = [(one, at) for one in ordered for at in sorted(one.conversions)]
    step = STEP // timedelta(milliseconds=1)
    steps = range(engine.milliseconds(NOON) + step // 2, engine.milliseconds(NOON) + DAYS * 144 * step, step)
    for column, channel in enumerate(block.channel_names, start=1):
        wanted = [_strength(one, channel, engine.milliseconds(at)) for one, at in events]
        assert block.values[:, column] == pytest.approx(wanted, abs=1e-12)
        exposure = sum(_strength(one, channel, at) for one in ordered for at in steps) / 144
        assert block.exposure[:, column].sum() * 2.0**-32 == pytest.approx(exposure, rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_visits_count_touches_inside_their_lookback(seed: int) -> None:
    people = _people(random.Random(seed))
    histories = engine.HistoryArrays.of(people, versions=[(0, EARLY), (engine.milliseconds(SINCE), LATE)])

    block = engine.feature_block(histories, "visit", (KERNEL,))

    for column, channel in enumerate(block.channel_names, start=1):
        visits = [(one, engine.milliseconds(visit.touched_at)) for one in people for visit in one.touchpoints]
        wanted = sum(_strength(one, channel, at) for one, at in visits)
        assert block.exposure[:, column].sum() * 2.0**-32 == pytest.approx(wanted, rel=1e-9)


def test_windows_as_long_as_the_watch_change_nothing() -> None:
    people = _people(random.Random(7))
    widest = engine.Lookbacks(click=engine.WIDEST_LOOKBACK, view=engine.WIDEST_LOOKBACK)

    plain, windowed = (engine.HistoryArrays.of(people, versions=one) for one in ((), [(0, widest)]))

    for family in ("time", "visit"):
        assert engine.feature_block(plain, family).data_hash == engine.feature_block(windowed, family).data_hash
