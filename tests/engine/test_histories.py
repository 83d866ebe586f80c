"""What data-driven methods are fed: paths and feature blocks, drawn from histories."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution as engine
from attribution.selection import standing
from tests.engine.builders import DAY, NOON, touch
from tests.engine.learning import arrays, histories, paths

PEOPLE = st.lists(histories(), max_size=5, unique_by=lambda one: one.person)


def history(
    *ages: float, converted: tuple[float, ...] = (), kind: engine.TouchKind = engine.TouchKind.CLICK
) -> engine.History:
    """Return touches of A, B, ... and conversions, some days before noon."""
    touches = tuple(touch(f"t{nth}", age * DAY, "ABCDEF"[nth], kind) for nth, age in enumerate(ages))
    return engine.History("u:ann", touches, tuple(NOON - age * DAY for age in converted), NOON - 60 * DAY, NOON)


def channels(found: list[engine.Path]) -> list[tuple[str, bool]]:
    """Return what a path shows."""
    return [("".join(path.channels), path.converted) for path in found]


@pytest.mark.parametrize(
    ("repeats", "expected"),
    [
        ("all", [("A", True), ("AB", True)]),
        ("reset", [("A", True), ("B", True), ("C", False)]),
        ("first", [("A", True)]),
    ],
)
def test_later_conversions_of_a_person(repeats: str, expected: list[tuple[str, bool]]) -> None:
    """Two conversions, with a touch before each and one after: what each way of counting makes of them."""
    found = engine.paths_of(history(9, 5, 1, converted=(7, 3)), repeats=repeats)  # type: ignore[arg-type]

    assert channels(found) == expected


def test_people_without_conversion_are_looked_at_from_their_last_touch() -> None:
    """R7: when the day of the computation is plays no part."""
    assert channels(engine.paths_of(history(59, 40, 31, 20))) == [("BCD", False)]
    assert channels(engine.paths_of(history())) == []
    assert channels(engine.paths_of(history(converted=(3,)))) == [("", True)]


@given(PEOPLE)
def test_arrays_of_histories_hold_the_same_paths(people: list[engine.History]) -> None:
    defined = [path for one in sorted(people, key=lambda one: one.person) for path in engine.paths_of(one)]

    for order in (1, 2):
        ours = engine.TransitionCounts.of(engine.HistoryArrays.of(people).paths(), order)
        theirs = engine.TransitionCounts.of(engine.PathArrays.of(defined), order)
        assert [ours.paths, ours.conversions] == [theirs.paths, theirs.conversions]
        assert ours.data_hash == theirs.data_hash or ours.channel_names != theirs.channel_names


@given(paths(), st.sampled_from(["keep", "collapse", "first_of_each", "distinct"]), st.booleans())
def test_transformed_paths_equal_their_definition(found: list[engine.Path], repeats: str, drops_direct: bool) -> None:
    expected = []
    for path in found:
        sourced = tuple(one for one in path.channels if one != "Direct")
        kept = sourced if drops_direct and sourced else path.channels
        expected.append(tuple(kept[place] for place in standing(kept, repeats)))  # type: ignore[arg-type]

    ours = arrays(found).transformed(repeats=repeats, drops_direct=drops_direct)  # type: ignore[arg-type]

    names = [ours.channel_names[code] for code in ours.channels.tolist()]
    assert [tuple(names[begin:end]) for begin, end in zip(ours.offsets, ours.offsets[1:], strict=False)] == expected


@settings(max_examples=25)
@given(PEOPLE, st.sampled_from(["time", "visit"]), st.randoms(use_true_random=False))
def test_features_equal_sums_over_touches(people: list[engine.History], family: engine.Family, chance: Random) -> None:
    """R7, and every column by its definition; exposure over time by steps of an hour."""
    shuffled = people.copy()
    chance.shuffle(shuffled)
    found = engine.HistoryArrays.of(people)

    block = engine.feature_block(found, family)

    assert block.data_hash == engine.feature_block(engine.HistoryArrays.of(shuffled), family).data_hash
    assert block.values.shape[0] == sum(len(one.conversions) for one in people)
    kernel = block.kernels[2]
    for place, name in enumerate(block.channel_names):
        column = 1 + place * len(block.kernels) + 2
        exposure = block.exposure[:, column].sum() * 2.0**-32
        assert exposure == pytest.approx(
            sum(_exposure(one, name, kernel, family) for one in people), rel=1e-3, abs=1e-6
        )
        values = sorted(block.values[:, column].tolist())
        assert values == pytest.approx(sorted(value for one in people for value in _values(one, name, kernel, family)))


def _exposure(one: engine.History, channel: str, kernel: engine.Kernel, family: str) -> float:
    own = [touch.touched_at for touch in one.touchpoints if touch.channel == channel]
    if family == "visit":
        return sum(
            _at(kernel, visit.touched_at - at) for visit in one.touchpoints for at in own if at <= visit.touched_at
        )
    total = 0.0
    for at in own:
        days = (one.observed_until - at) / DAY
        ages = (np.arange(4_000) + 0.5) / 4_000 * days
        total += float(np.exp2(-ages / kernel.days).sum()) * days / 4_000
    return total


def _values(one: engine.History, channel: str, kernel: engine.Kernel, family: str) -> list[float]:
    found = []
    for conversion in one.conversions:
        before = [touch.touched_at for touch in one.touchpoints if touch.touched_at <= conversion]
        moment = max(before, default=conversion) if family == "visit" else conversion
        own = [touch for touch in one.touchpoints if touch.channel == channel and touch.touched_at <= moment]
        found.append(sum(_at(kernel, moment - touch.touched_at) for touch in own))
    return found


def _at(kernel: engine.Kernel, age: timedelta) -> float:
    return float(2 ** -(age / kernel.half_life))


def test_histories_that_cannot_be_are_refused() -> None:
    with pytest.raises(engine.BadHistoryError):
        replace(history(), observed_until=NOON - 61 * DAY)
    good = engine.HistoryArrays.of([history(5, 3, converted=(2,))])
    for change in (
        {"touched_at": good.touched_at[::-1]},
        {"channels": good.channels + 9},
        {"kinds": good.kinds + 9},
        {"groups": good.groups + 9_999},
        {"touch_offsets": np.array([0, 1])},
        {"observed_until": good.observed_from - 1},
    ):
        with pytest.raises(engine.BadArraysError):
            replace(good, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"offsets": np.array([0, 3, 2])},
        {"channels": np.array([0, 9])},
        {"channel_names": ["B", "A"]},
        {"conversions": np.array([-1, 0])},
        {"nulls": np.array([0.5, np.nan])},
        {"groups": np.array([0, 16])},
    ],
)
def test_paths_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    good = engine.PathArrays(
        np.array([0, 1, 2]), np.array([0, 1]), ["A", "B"], np.array([1, 0]), np.array([0, 1]), np.array([0, 1]), 16
    )

    with pytest.raises(engine.BadArraysError):
        replace(good, **change)  # type: ignore[arg-type]
