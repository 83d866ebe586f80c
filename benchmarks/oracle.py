"""`python -m benchmarks.oracle`: how near the truth a fit could come that was told what nobody knows.

Of worlds by exposure: told how each channel's effect passes, then every person's propensity too, then which touches
another channel helped. What such a fit still misses is the noise of so many people; what more people do not mend is
not noise.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np

import attribution as engine
from attribution.arrays import Floats
from attribution.methods.incremental.likelihood import exposure_of
from attribution.methods.incremental.maximizing import best_rates, even_start
from attribution.simulation import WORLDS, Simulated, Source, World, simulate
from attribution.simulation.acts import _propensity
from attribution.statistics import PROPENSITIES, Kernel
from attribution.statistics.features import DAY_MS
from benchmarks.truth import score

_WEEK_MS = 7 * DAY_MS
_STEPS = 4_000
_BY = "|"  # between a channel and the one that helped its touch
Given = Mapping[str, float]


def _kernel(source: Source) -> Kernel:
    """Return how the effect of a source passes: a delay of shape 2 has half of its half-life as a scale."""
    return Kernel(timedelta(days=source.half_life / (2 if source.is_delayed else 1)), source.is_delayed)


def _by_helper(seen: Simulated) -> engine.HistoryArrays:
    """Return the histories with touches that another channel helped under a name of their own."""
    of = seen.histories
    names = [*of.channel_names, *(f"{one}{_BY}{by}" for one in of.channel_names for by in of.channel_names)]
    helped = np.zeros(len(of.channels), dtype=bool)
    helped[1:] = (of.touch_owners[1:] == of.touch_owners[:-1]) & (of.channels[1:] != of.channels[:-1])
    helped[1:] &= np.diff(of.touched_at) < _WEEK_MS
    direct = list(of.channel_names).index(engine.Channel.DIRECT)
    helped[1:] &= (of.channels[:-1] != direct) & (of.channels[1:] != direct)
    before = np.concatenate([[0], of.channels[:-1]])
    width = len(of.channel_names)
    codes = np.where(helped, width + of.channels * width + before, of.channels)
    order = np.argsort(names)
    places = np.argsort(order)
    return replace(of, channels=places[codes], channel_names=[names[place] for place in order.tolist()])


def told(world: World, seen: Simulated, seed: int, *, propensity: bool, helpers: bool) -> Given:
    """Return the conversions that each channel causes by the fit of one that was told so much."""
    sources = {source.channel: source for source in world.sources}
    kernels = tuple(sorted({_kernel(source) for source in world.sources}))
    block = engine.feature_block(_by_helper(seen) if helpers else seen.histories, "time", kernels=kernels)
    exposure = exposure_of(block, np.ones(len(block.people), dtype=bool))
    values, known = block.values, [0, *range(-len(PROPENSITIES), 0)]
    base, base_exposure = values[:, known], exposure[known]
    if propensity:
        wants = _propensity(world, np.random.default_rng(seed))
        watched = (seen.histories.observed_until - seen.histories.observed_from) / DAY_MS
        base, base_exposure = wants[seen.histories.conversion_owners][:, None], np.array([wants @ watched])
    plain, extra = np.zeros((2, len(values), len(sources))), {}
    plain_exposure = np.zeros(len(sources))
    names = list(sources)
    for place, name in enumerate(block.channel_names):
        own, _, helper = name.partition(_BY)
        if own not in sources or helper == engine.Channel.DIRECT:
            continue
        column = 1 + place * len(kernels) + kernels.index(_kernel(sources[own]))
        plain[0][:, names.index(own)] += values[:, column]
        plain_exposure[names.index(own)] += exposure[column]
        if helper and exposure[column] > 0:
            plain[1][:, names.index(own)] += values[:, column]
            extra[own, helper] = float(exposure[column])
    extra_exposure = np.array([sum(size for (own, _), size in extra.items() if own == name) for name in names])
    rates = _best(np.column_stack([base, *plain]), np.concatenate([base_exposure, plain_exposure, extra_exposure]))
    alone, with_help = rates[-2 * len(names) : -len(names)], rates[-len(names) :]
    given = dict(zip(names, (alone * plain_exposure + with_help * extra_exposure).tolist(), strict=True))
    for (own, helper), size in extra.items():
        given[helper] += float(with_help[names.index(own)]) * size
    return given


def _best(values: Floats, exposure: Floats) -> Floats:
    weights = np.ones((1, len(values)))
    start = even_start(values, exposure[None, :], weights)
    found: Floats = best_rates(values, exposure[None, :], weights, start=start, steps=_STEPS)[0]
    return found


def distances(world: World, seed: int) -> list[float]:
    """Return how far the fit is from the truth of one run, and then each that was told more."""
    seen = simulate(world, seed)
    fit = engine.fit_incremental([engine.feature_block(seen.histories, "time")], replicates=0)
    all_given: list[Given] = [{one.channel: one.weight for one in fit.channels}]
    for propensity, helpers in ((False, False), (True, False), (True, True)):
        all_given.append(told(world, seen, seed, propensity=propensity, helpers=helpers))
    return [score(given, seen, world.placebo).distance for given in all_given]


def main() -> None:
    """Print the mean distance over seeds, and its standard error."""
    options = argparse.ArgumentParser(prog="benchmarks.oracle", description=__doc__)
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--first", type=int, default=1, help="the first seed")
    options.add_argument("--people", type=int, nargs="*", default=[30_000, 120_000])
    options.add_argument("--worlds", default="exposure", help="only worlds with this in their name")
    asked = options.parse_args()
    print("| world | people | fitted | told kernels | and propensity | and helpers |\n|---|---|---|---|---|---|")
    for world in WORLDS:
        if world.acts != "exposure" or asked.worlds not in world.name:
            continue
        for people in asked.people:
            sized = replace(world, people=people)
            found = np.array([distances(sized, seed) for seed in range(asked.first, asked.first + asked.seeds)])
            errors = found.std(axis=0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.zeros(found.shape[1])
            cells = (f"{mean:.3f} ± {error:.3f}" for mean, error in zip(found.mean(axis=0), errors, strict=True))
            print(f"| {world.name} | {people:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
