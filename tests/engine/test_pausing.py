"""Long fits can be interrupted, and what interrupts changes no result (R7)."""

import random
from collections.abc import Callable

import pytest

import attribution as engine

CHANNELS = [f"c{number:02}" for number in range(16)]


class EnoughError(Exception):
    """What a test interrupts with."""


def paths(channels: int) -> engine.PathArrays:
    rng = random.Random("pausing")
    made = []
    for number in range(400):
        passed = tuple(rng.choice(CHANNELS[:channels]) for _ in range(rng.randrange(1, 6)))
        made.append(engine.Path(passed, rng.random() < 0.3, f"p{number}"))
    return engine.PathArrays.of(made)


FITS: dict[str, Callable[[], engine.Fit]] = {
    "markov": lambda: engine.fit_markov(engine.TransitionCounts.of(paths(5), 2), replicates=5),
    "shapley": lambda: engine.fit_shapley(engine.CoalitionCounts.of(paths(5)), replicates=5),
    "shapley, sampled": lambda: engine.fit_shapley(engine.CoalitionCounts.of(paths(16)), replicates=2, permutations=20),
}


@pytest.mark.parametrize("name", FITS)
def test_fit_ends_when_the_hook_raises_and_is_the_same_when_not(name: str) -> None:
    calls = []

    def interrupt() -> None:
        raise EnoughError

    with pytest.raises(EnoughError), engine.interrupted_by(interrupt):
        FITS[name]()
    with engine.interrupted_by(lambda: calls.append(1)):
        watched = FITS[name]()
    assert calls
    assert watched == FITS[name]()
