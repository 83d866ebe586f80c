"""`python -m benchmarks.coverage`: how often 95 % intervals contain the truth of what they estimate."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

import attribution as engine
from attribution.simulation import WORLDS, simulate

REPETITIONS = 200
_LARGE = 60  # times as many people stand for everybody
_TRUTHS = (10_000, 10_001, 10_002)  # and three such crowds, so that the truth has little noise of its own
Shares = Mapping[str, float]
_CHAIN = replace(next(world for world in WORLDS if world.acts == "chain"), people=4_000)
_EXPOSED = replace(WORLDS[0], people=10_000, ends=False)


def _markov(order: int) -> tuple[Callable[[int], engine.Fit], Callable[[], Shares]]:
    def fit(seed: int, people: int = _CHAIN.people, replicates: int = engine.REPLICATES) -> engine.Fit:
        paths = simulate(replace(_CHAIN, people=people), seed).histories.paths()
        return engine.fit_markov(engine.TransitionCounts.of(paths, order), replicates=replicates)

    return fit, lambda: _mean([fit(seed, _CHAIN.people * _LARGE, 0).shares for seed in _TRUTHS])


def _shapley() -> tuple[Callable[[int], engine.Fit], Callable[[], Shares]]:
    def fit(seed: int, people: int = _EXPOSED.people, replicates: int = engine.REPLICATES) -> engine.Fit:
        paths = simulate(replace(_EXPOSED, people=people), seed).histories.paths()
        return engine.fit_shapley(engine.CoalitionCounts.of(paths), replicates=replicates, smoothing=0)

    return fit, lambda: _mean([fit(seed, _EXPOSED.people * _LARGE, 0).shares for seed in _TRUTHS])


def _mean(found: list[Shares]) -> Shares:
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def _incremental() -> tuple[Callable[[int], engine.Fit], Callable[[], Shares]]:
    def fit(seed: int) -> engine.Fit:
        return engine.fit_incremental([engine.feature_block(simulate(_EXPOSED, seed).histories, "time")])

    def truth() -> Shares:
        """Return what channels cause on average: every conversion here has one cause."""
        seen = simulate(replace(_EXPOSED, people=_EXPOSED.people * _LARGE), 10_000)
        return {name: count / seen.conversions for name, count in seen.caused.items()}

    return fit, truth


_CASES = {"markov(1)": _markov(1), "markov(2)": _markov(2), "shapley": _shapley(), "incremental": _incremental()}


def covered(name: str, repetitions: int) -> Mapping[str, float]:
    """Return, for each channel, how often its interval contained the truth."""
    fit, truth = _CASES[name]
    true = truth()
    hits: dict[str, list[bool]] = {channel: [] for channel in true}
    for seed in range(1, repetitions + 1):
        for one in fit(seed).channels:
            hits[one.channel].append(one.low <= true[one.channel] <= one.high)
    return {channel: float(np.mean(found)) for channel, found in hits.items()}


def main() -> None:
    """Print the coverage of every method and channel."""
    options = argparse.ArgumentParser(prog="benchmarks.coverage", description=__doc__)
    options.add_argument("--repetitions", type=int, default=REPETITIONS)
    options.add_argument("--methods", nargs="*", default=list(_CASES), choices=list(_CASES))
    asked = options.parse_args()
    print(f"Share of {asked.repetitions} repetitions in which the 95 % interval contains the truth (asked: 90-99 %)\n")
    print("| method | channel | covered |\n|---|---|---|", flush=True)
    for name in asked.methods:
        for channel, share in covered(name, asked.repetitions).items():
            print(f"| {name} | {channel} | {share:.1%} |", flush=True)


if __name__ == "__main__":
    main()
