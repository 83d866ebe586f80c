"""How worlds act: random numbers are drawn once, then the world can run without any of its channels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.simulation.worlds import World

REGIONS: Final = 50
HELD_OUT: Final = 10  # regions that a held-out channel does not reach
_WEEK = 7.0
_CHAIN_SEED = 5  # the chain is the world's; only who walks it how is a run's


@dataclass(frozen=True, eq=False)
class Happened:
    """Touches and conversions of one run; channel 0 is direct, 1 the first source; times in days; people's regions."""

    touch_people: Integers
    touched_at: Floats
    channels: Integers
    conversion_people: Integers
    converted_at: Floats
    regions: Integers


Run = Callable[[frozenset[str]], Happened]


@dataclass(frozen=True, eq=False)
class _Touches:
    people: Integers
    at: Floats
    channels: Integers
    cause: Integers  # touch that brought this one about, -1 for none

    def ordered(self) -> "_Touches":
        order = np.lexsort((self.at, self.people))
        places = np.empty(len(order), dtype=np.int64)
        places[order] = np.arange(len(order))
        cause = np.where(self.cause >= 0, places[self.cause], -1)
        return _Touches(self.people[order], self.at[order], self.channels[order], cause[order])


def happened_by_exposure(world: World, rng: np.random.Generator) -> Run:
    """Return the run of a world in which touches raise the intensity of conversions over time."""
    propensity, regions = _propensity(world, rng), _regions(world, rng)
    touches = _touches(world, propensity, regions, rng).ordered()
    effects = np.array([0.0, *(source.effect for source in world.sources)])
    helped_by = _helper(touches)
    plain = rng.poisson(effects[touches.channels])
    extra = rng.poisson(effects[touches.channels] * world.synergy) * (helped_by >= 0)
    touch = np.concatenate([np.repeat(np.arange(len(plain)), plain), np.repeat(np.arange(len(extra)), extra)])
    helper = np.concatenate([np.full(plain.sum(), -1), np.repeat(helped_by, extra)])
    causing = touches.channels[touch]
    at = touches.at[touch] + _delays(world, causing, rng)
    organic = rng.poisson(world.organic * propensity)
    own_people = np.repeat(np.arange(world.people), organic)
    people = np.concatenate([own_people, touches.people[touch]])
    at = np.concatenate([rng.random(len(own_people)) * world.days, at])
    causing = np.concatenate([np.zeros(len(own_people), dtype=np.int64), causing])
    helper_channel = np.concatenate(
        [np.zeros(len(own_people), dtype=np.int64), np.where(helper >= 0, touches.channels[helper], 0)]
    )

    def run(removed: frozenset[str]) -> Happened:
        gone = _gone(world, removed)
        stays = ~gone[causing] & ~gone[helper_channel] & (at < world.days)
        kept = ~gone[touches.channels]
        return _cut(
            world,
            Happened(touches.people[kept], touches.at[kept], touches.channels[kept], people[stays], at[stays], regions),
        )

    return run


def happened_by_visit(world: World, rng: np.random.Generator) -> Run:
    """Return the run of a world in which each visit is a chance to convert, raised by earlier touches."""
    propensity, regions = _propensity(world, rng), _regions(world, rng)
    touches = _with_returns(world, _touches(world, propensity, regions, rng), rng).ordered()
    luck = -np.log1p(-rng.random(len(touches.at)))
    coin = rng.random(len(touches.at))
    substitution = np.array([0.0, *(source.substitution for source in world.sources)])

    def run(removed: frozenset[str]) -> Happened:
        gone, held_out = _gone(world, removed), _gone(world, frozenset({world.holdout}))
        lost = gone[touches.channels] | (held_out[touches.channels] & (regions[touches.people] < HELD_OUT))
        replaced = lost & (coin < substitution[touches.channels])
        kept = ~lost | replaced
        kept &= (touches.cause < 0) | kept[touches.cause]
        channels = np.where(replaced, 0, touches.channels)
        people, at, channels = touches.people[kept], touches.at[kept], channels[kept]
        hazard = world.organic * propensity[people] + _stocks(world, people, at, channels)
        won = luck[kept] < hazard
        return _cut(world, Happened(people, at, channels, people[won], at[won], regions))

    return run


def happened_by_chain(world: World, rng: np.random.Generator) -> Run:
    """Return the run of a world in which a Markov chain walks from touch to touch; a removed channel ends the walk."""
    names = len(world.sources) + 1
    start = np.array([world.direct, *(source.touches for source in world.sources)])
    start /= start.sum()
    converts = np.array([world.organic, *(source.effect for source in world.sources)])
    onward = np.random.default_rng(_CHAIN_SEED).dirichlet(start * 8 + 0.4, names) * (0.75 - converts)[:, None]
    steps = 40
    state = rng.choice(names, world.people, p=start)
    alive = np.ones(world.people, dtype=bool)
    at = rng.random(world.people) * world.days / 2
    rows: list[tuple[Integers, Floats, Integers]] = []
    wins: list[tuple[Integers, Floats, int]] = []
    for step in range(steps):
        walkers = np.flatnonzero(alive)
        rows.append((walkers, at[walkers], state[walkers]))
        draw = rng.random(world.people)
        wait = rng.exponential(1.5, world.people)
        won = alive & (draw < converts[state])
        wins.append((np.flatnonzero(won), at[won], step))
        bounds = converts[state][:, None] + np.cumsum(onward[state], axis=1)
        following = (draw[:, None] >= bounds).sum(axis=1)
        alive &= ~won & (following < names) & (at + wait < world.days)
        state = np.where(following < names, following, state)
        at = at + wait

    def run(removed: frozenset[str]) -> Happened:
        gone = _gone(world, removed)
        intact = np.ones(world.people, dtype=bool)
        touched: list[tuple[Integers, Floats, Integers]] = []
        converted: list[tuple[Integers, Floats]] = []
        for (walkers, when, where), (winners, won_at, _) in zip(rows, wins, strict=True):
            intact[walkers[gone[where]]] = False
            stays = intact[walkers]
            touched.append((walkers[stays], when[stays], where[stays]))
            converted.append((winners[intact[winners]], won_at[intact[winners]]))
        people, when, where = (np.concatenate(column) for column in zip(*touched, strict=True))
        winners, won_at = (np.concatenate(column) for column in zip(*converted, strict=True))
        return _cut(world, Happened(people, when, where, winners, won_at, np.zeros(world.people, dtype=np.int64)))

    return run


def _propensity(world: World, rng: np.random.Generator) -> Floats:
    return np.exp(rng.normal(-(world.spread**2) / 2, world.spread, world.people))


def _regions(world: World, rng: np.random.Generator) -> Integers:
    return (rng.random(world.people) * REGIONS).astype(np.int64)


def _touches(world: World, propensity: Floats, regions: Integers, rng: np.random.Generator) -> _Touches:
    held_out = regions < HELD_OUT
    people, channels = [], []
    rates = [
        (world.direct, 1.0 if world.spread else 0.0, ""),
        *((s.touches, s.targeting, s.channel) for s in world.sources),
    ]
    for code, (touches, targeting, name) in enumerate(rates):
        tilt = propensity**targeting
        mean = touches * tilt / tilt.mean()
        if name and name == world.holdout and world.acts == "exposure":
            mean = np.where(held_out, 0.0, mean)
        people.append(np.repeat(np.arange(world.people), rng.poisson(mean)))
        channels.append(np.full(len(people[-1]), code))
    owners = np.concatenate(people)
    return _Touches(owners, rng.random(len(owners)) * world.days, np.concatenate(channels), np.full(len(owners), -1))


def _with_returns(world: World, touches: _Touches, rng: np.random.Generator) -> _Touches:
    returns = np.array([0.0, *(source.returns for source in world.sources)])
    cause = np.repeat(np.arange(len(touches.at)), rng.poisson(returns[touches.channels]))
    at = touches.at[cause] + rng.exponential(2.0, len(cause))
    cause, at = cause[at < world.days], at[at < world.days]
    return _Touches(
        np.concatenate([touches.people, touches.people[cause]]),
        np.concatenate([touches.at, at]),
        np.concatenate([touches.channels, np.zeros(len(at), dtype=np.int64)]),
        np.concatenate([touches.cause, cause]),
    )


def _helper(touches: _Touches) -> Integers:
    """Return the touch of another channel just before each touch, within a week, -1 for none."""
    before = np.arange(len(touches.at)) - 1
    helps = before >= 0
    helps[1:] &= (touches.people[1:] == touches.people[:-1]) & (touches.channels[1:] != touches.channels[:-1])
    helps[1:] &= (touches.at[1:] - touches.at[:-1] < _WEEK) & (touches.channels[:-1] > 0)
    return np.where(helps, before, -1)


def _delays(world: World, channels: Integers, rng: np.random.Generator) -> Floats:
    scale = np.array([1.0, *(source.half_life for source in world.sources)])[channels] / np.log(2)
    shape = np.array([1.0, *(2.0 if source.is_delayed else 1.0 for source in world.sources)])[channels]
    return rng.gamma(shape, scale / shape)


def _stocks(world: World, people: Integers, at: Floats, channels: Integers) -> Floats:
    """Return the hazard that earlier touches and the visit's own add."""
    hazard = np.zeros(len(at))
    first = np.searchsorted(people, people, side="left")
    nth = np.arange(len(at)) - first
    for code, source in enumerate(world.sources, start=1):
        stock = np.zeros(len(at))
        own = (channels == code) * source.effect
        for rank in range(int(nth.max(initial=0)) + 1):
            here = np.flatnonzero(nth == rank)
            stock[here] = own[here]
            if rank:
                stock[here] += stock[here - 1] * np.exp2(-(at[here] - at[here - 1]) / source.half_life)
        hazard += stock
    return hazard


def _gone(world: World, removed: frozenset[str]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.array([False, *(source.channel in removed for source in world.sources)])


def _cut(world: World, happened: Happened) -> Happened:
    """End what is watched of a person with the first conversion, where the world says so."""
    if not world.ends:
        return happened
    first = np.full(world.people, np.inf)
    np.minimum.at(first, happened.conversion_people, happened.converted_at)
    people = np.flatnonzero(np.isfinite(first))
    seen = happened.touched_at <= first[happened.touch_people]
    return Happened(
        happened.touch_people[seen],
        happened.touched_at[seen],
        happened.channels[seen],
        people,
        first[people],
        happened.regions,
    )
