"""`python -m benchmarks.truth`: every method against worlds whose causes are known, as a table."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import attribution as engine
from attribution.simulation import WORLDS, Simulated, World, simulate
from benchmarks import peers

SEEDS = 8
_WIDE = engine.Lookbacks(click=engine.WIDEST_LOOKBACK)
_RULES = ("last_touch", "last_non_direct", "first_touch", "linear", "linear_distinct", "position_based", "time_decay")
_LOW, _HIGH = "at least", "at most"  # beside channels: conversions that a fit says were caused in all
Given = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Score:
    """How far one method was from the truth of one run."""

    distance: float
    rank: float
    placebo: float
    total: float
    low: float | None = None
    high: float | None = None


def given_by(seen: Simulated) -> dict[str, Given]:
    """Return the conversions that each method gives to each channel."""
    journeys, paths = seen.histories.journeys(), seen.histories.paths(_WIDE)
    given: dict[str, Given] = {"uniform split": _uniform(seen)}
    totals = engine.channel_totals([engine.METHODS[name].spec for name in _RULES], journeys, _WIDE)
    for name, row in zip(_RULES, totals.tolist(), strict=True):
        given[name] = dict(zip(journeys.channel_names, row, strict=True))
    for order in (1, 3):
        fit = engine.fit_markov(engine.TransitionCounts.of(paths, order), replicates=0)
        given[f"markov({order})"] = {name: share * fit.conversions for name, share in fit.shares.items()}
    shapley = engine.fit_shapley(engine.CoalitionCounts.of(paths), replicates=0)
    given["shapley"] = {name: share * shapley.conversions for name, share in shapley.shares.items()}
    if peers.IS_INSTALLED:
        given["ChannelAttribution, markov"] = peers.markov_conversions(paths)
    return given | _incremental(seen)


def _uniform(seen: Simulated) -> Given:
    names = [name for name in seen.histories.channel_names if name != engine.Channel.DIRECT]
    return dict.fromkeys(names, seen.conversions / len(names))


def _incremental(seen: Simulated) -> dict[str, Given]:
    """Return both families, and the one that foretells held-out people better."""
    given: dict[str, Given] = {}
    best = None
    for family in ("time", "visit"):
        try:
            fit = engine.fit_incremental([engine.feature_block(seen.histories, family)], replicates=0)
        except engine.CannotTellError:
            continue
        given[f"incremental, {family}"] = {one.channel: one.weight for one in fit.channels}
        if best is None or fit.quality["log_loss"] < best.quality["log_loss"]:
            best = fit
    if best:
        given["incremental"] = _given(best)
        if seen.holdout and best.parameters["family"] == "visit":
            given["incremental, with its holdout"] = _given(_calibrated(best, seen, seen.holdout))
    return given


def _given(fit: engine.Fit) -> Given:
    ends = {name: fit.quality.get(key) for name, key in ((_LOW, "caused_low"), (_HIGH, "caused_high"))}
    known = {name: end * fit.conversions for name, end in ends.items() if end is not None}
    return {one.channel: one.weight for one in fit.channels} | known


def _calibrated(fit: engine.Fit, seen: Simulated, holdout: engine.Holdout) -> engine.Fit:
    names = seen.histories.channel_names
    visits = np.bincount(seen.histories.channels, minlength=len(names))
    effect = engine.holdout_effect(seen.histories, holdout)
    return engine.calibrated(fit, effect, dict(zip(names, visits.tolist(), strict=True)))


def score(given: Given, seen: Simulated, placebo: str) -> Score:
    """Compare channels but direct, whose removal has no meaning."""
    names = sorted(seen.caused)
    ours = np.array([given.get(name, 0.0) for name in names])
    truth = np.array([seen.caused[name] for name in names], dtype=np.float64)
    shares, true_shares = ours / max(ours.sum(), 1e-12), truth / truth.sum()
    return Score(
        distance=float(np.abs(shares - true_shares).sum() / 2),
        rank=_spearman(shares, true_shares),
        placebo=float(shares[names.index(placebo)]),
        total=float(ours.sum() / seen.total_caused - 1),
        low=given[_LOW] / seen.total_caused - 1 if _LOW in given else None,
        high=given[_HIGH] / seen.total_caused - 1 if _HIGH in given else None,
    )


def _spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    first, second = (np.argsort(np.argsort(part, kind="stable"), kind="stable") for part in (one, other))
    middle = (len(one) - 1) / 2
    return float(((first - middle) * (second - middle)).sum() / ((first - middle) ** 2).sum())


def measure(world: World, seeds: int) -> dict[str, list[Score]]:
    """Return the scores of every method on some runs of a world."""
    scores: dict[str, list[Score]] = {}
    for seed in range(1, seeds + 1):
        seen = simulate(world, seed)
        for name, given in given_by(seen).items():
            scores.setdefault(name, []).append(score(given, seen, world.placebo))
    return scores


def main() -> None:
    """Print method by world: the mean over the seeds of each figure."""
    options = argparse.ArgumentParser(prog="benchmarks.truth", description=__doc__)
    options.add_argument("--seeds", type=int, default=SEEDS)
    options.add_argument("--worlds", default="", help="only worlds with this in their name")
    asked = options.parse_args()
    worlds = [world for world in WORLDS if asked.worlds in world.name]
    found = {}
    for world in worlds:
        print(f"{world.name} ...", file=sys.stderr, flush=True)
        found[world.name] = measure(world, asked.seeds)
    columns: tuple[tuple[str, Callable[[Score], float | None], str], ...] = (
        ("Total-variation distance of the channels' shares to the truth", lambda one: one.distance, "{:.3f}"),
        ("Rank correlation with the truth", lambda one: one.rank, "{:.2f}"),
        ("Share given to the placebo", lambda one: one.placebo, "{:.3f}"),
        ("Error of the total caused", lambda one: one.total, "{:+.0%}"),
        ("Error of the least total that the fit leaves open", lambda one: one.low, "{:+.0%}"),
        ("Error of the greatest total that the fit leaves open", lambda one: one.high, "{:+.0%}"),
    )
    for title, figure, form in columns:
        table = _table(found, figure, form, high_is_good=title.startswith("Rank"))
        print(f"\n{title}, mean of {asked.seeds} seeds\n\n{table}")


def _table(
    found: Mapping[str, Mapping[str, list[Score]]],
    figure: Callable[[Score], float | None],
    form: str,
    *,
    high_is_good: bool,
) -> str:
    methods = sorted({name for scores in found.values() for name in scores})
    means = {name: [_mean(map(figure, scores.get(name, []))) for scores in found.values()] for name in methods}
    whole = {name: mean for name, row in means.items() if (mean := _mean(row)) is not None}
    lines = [f"| method | {' | '.join(found)} | all |", "|---" * (len(found) + 2) + "|"]
    worst_last = sorted(whole, key=lambda one: (abs(whole[one]), one), reverse=high_is_good)
    for name in worst_last:
        cells = [form.format(one) if one is not None else "" for one in [*means[name], whole[name]]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean(figures: Iterable[float | None]) -> float | None:
    known = [one for one in figures if one is not None]
    return float(np.mean(known)) if known else None


if __name__ == "__main__":
    main()
