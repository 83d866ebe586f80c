"""Paths and histories for the tests of data-driven methods, drawn by hypothesis or by hand."""

from datetime import timedelta

from hypothesis import strategies as st

import attribution as engine
from tests.engine.builders import CHANNELS, DAY, NOON, touch

NAMES = CHANNELS[:4]


@st.composite
def paths(draw: st.DrawFn, names: tuple[str, ...] = NAMES, most: int = 12) -> list[engine.Path]:
    """Draw paths of a few people, at least one of which converted after a touch."""
    drawn = draw(
        st.lists(
            st.tuples(st.lists(st.sampled_from(names), max_size=6), st.booleans(), st.sampled_from("abcdefgh")),
            max_size=most,
        )
    )
    found = [engine.Path(tuple(channels), converted, person) for channels, converted, person in drawn]
    return [*found, engine.Path((draw(st.sampled_from(names)),), converted=True, person="a")]


@st.composite
def histories(draw: st.DrawFn) -> engine.History:
    """Draw what one person did within twenty days."""
    hours = st.integers(0, 20 * 24)
    touches = tuple(
        touch(
            f"t{number}",
            timedelta(hours=draw(hours)),
            draw(st.sampled_from(NAMES)),
            draw(st.sampled_from(engine.TouchKind)),
        )
        for number in range(draw(st.integers(0, 6)))
    )
    conversions = tuple(NOON - timedelta(hours=hour) for hour in draw(st.lists(hours, max_size=3)))
    return engine.History(f"u:{draw(st.integers(0, 9**6))}", touches, conversions, NOON - 20 * DAY, NOON)


def arrays(found: list[engine.Path], groups: int = 16) -> engine.PathArrays:
    """Return paths laid end to end, people in a few groups."""
    return engine.PathArrays.of(found, groups)


def markov(found: list[engine.Path], order: int = 1, replicates: int = 0) -> engine.Fit:
    """Return the Markov fit of paths."""
    return engine.fit_markov(engine.TransitionCounts.of(arrays(found), order), replicates=replicates)


def shapley(found: list[engine.Path], replicates: int = 0, **options: float) -> engine.Fit:
    """Return the Shapley fit of paths."""
    return engine.fit_shapley(engine.CoalitionCounts.of(arrays(found)), replicates=replicates, **options)  # type: ignore[arg-type]
