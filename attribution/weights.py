"""The shares of a pool of touchpoints under each weighting: the formulas, one journey at a time."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from math import exp2, fsum

from attribution.selection import Candidate
from attribution.spec import Custom, Decay, Effect, Equal, Intensity, Learned, Shares, Weighting


class EmptyPoolError(ValueError):
    """There is no touchpoint to credit."""


def shares_of(weighting: Weighting, pool: Sequence[Candidate], milestone_age_ms: int | None = None) -> list[float]:
    """
    Return the share of every touchpoint of a pool.

    Parameters
    ----------
    weighting : Equal, Shares, Decay or Custom
    pool : sequence of Candidate
        The touchpoints that can earn credit, in touch order; at least one.
    milestone_age_ms : int, optional
        How long before the conversion the milestone was reached.

    Returns
    -------
    list of float
        In [0, 1], sum 1; of an `Intensity` the sum is less, the rest is the
        baseline's. Weights that come out all zero count as equal.

    Raises
    ------
    EmptyPoolError
        If the pool is empty.

    Notes
    -----
    Time O(n).
    """
    if not pool:
        raise EmptyPoolError("no touchpoint to credit")
    weights = weigh(weighting, pool, milestone_age_ms)
    if isinstance(weighting, Intensity):
        total = fsum([*weights, baseline_of(weighting, pool)])
        return [weighting.lasting * weight / total if total else 0.0 for weight in weights]
    total = fsum(weights)
    if total == 0:
        return [1 / len(pool)] * len(pool)
    return [weight / total for weight in weights]


def roles_of(weighting: Shares, pool: Sequence[Candidate], milestone_age_ms: int | None) -> list[tuple[str, ...]]:
    """
    Return the roles that every touchpoint of a pool plays.

    Parameters
    ----------
    weighting : Shares
        Without a milestone share, nobody plays the milestone.
    pool : sequence of Candidate
    milestone_age_ms : int, optional

    Returns
    -------
    list of tuple of str
        Of ``first``, ``milestone``, ``last``; ``("rest",)`` for none of them.
    """
    places = {"first": 0, "milestone": None, "last": len(pool) - 1}
    if weighting.milestone > 0 and milestone_age_ms is not None:
        reached = [place for place, one in enumerate(pool) if one.age_ms >= milestone_age_ms]
        places["milestone"] = reached[-1] if reached else None
    named = [tuple(role for role, place in places.items() if place == own) for own in range(len(pool))]
    return [roles or ("rest",) for roles in named]


def weigh(weighting: Weighting, pool: Sequence[Candidate], milestone_age_ms: int | None) -> list[float]:
    """Return the weights of a pool before they are scaled to 1; they may be all zero."""
    match weighting:
        case Equal(distinct):
            return [1 / times for times in _sharers(pool, distinct=distinct)]
        case Shares():
            return _by_role(weighting, roles_of(weighting, pool, milestone_age_ms))
        case Decay(half_life):
            half_life_ms = half_life / timedelta(milliseconds=1)
            youngest = min(one.age_ms for one in pool)  # relative, so that old journeys do not underflow to 0 / 0
            return [exp2(-((one.age_ms - youngest) / half_life_ms)) for one in pool]
        case Custom():
            return _by_custom(weighting, pool)
        case Learned(by_channel, distinct):
            learned = dict(by_channel)
            sharers = _sharers(pool, distinct=distinct)
            return [learned.get(one.touchpoint.channel, 0.0) / times for one, times in zip(pool, sharers, strict=True)]
        case Intensity():
            youngest = min(one.age_ms for one in pool) if weighting.from_youngest else 0
            return [_intensity(weighting, one.touchpoint.channel, one.age_ms - youngest) for one in pool]


def _sharers(pool: Sequence[Candidate], *, distinct: bool) -> list[int]:
    """Return among how many touchpoints each one's weight is divided: those of its channel, or itself alone."""
    if not distinct:
        return [1] * len(pool)
    times = Counter(one.touchpoint.channel for one in pool)
    return [times[one.touchpoint.channel] for one in pool]


def baseline_of(weighting: Intensity, pool: Sequence[Candidate]) -> float:
    """Return the intensity that no touchpoint of a pool caused."""
    return weighting.baseline + weighting.signal * len(pool)


def _intensity(weighting: Intensity, channel: str, age_ms: int) -> float:
    return fsum(effect_at(effect, age_ms) for effect in weighting.effects if effect.channel == channel)


def effect_at(effect: Effect, age_ms: int) -> float:
    """Return what a touchpoint of this age adds to the intensity."""
    half_lives = age_ms / (effect.half_life / timedelta(milliseconds=1))
    return effect.size * exp2(-half_lives) * (half_lives if effect.delayed else 1.0)


def _by_role(weighting: Shares, roles: list[tuple[str, ...]]) -> list[float]:
    first, rest, last = weighting.first, weighting.rest, weighting.last
    if weighting.without_milestone and not any("milestone" in own for own in roles):
        first, rest, last = weighting.without_milestone
    others = sum(own == ("rest",) for own in roles)
    worth = {
        "first": first,
        "milestone": weighting.milestone,
        "last": last,
        "rest": rest / others if others else 0.0,
    }
    return [sum(worth[role] for role in own) for own in roles]


def _by_custom(weighting: Custom, pool: Sequence[Candidate]) -> list[float]:
    by_channel, by_kind = dict(weighting.by_channel), dict(weighting.by_kind)
    weights = []
    for place, one in enumerate(pool):
        ends = [
            row[position]
            for row, position in ((weighting.from_start, place), (weighting.from_end, len(pool) - 1 - place))
            if position < len(row)
        ]
        factor = by_channel.get(one.touchpoint.channel, 1.0) * by_kind.get(one.touchpoint.kind, 1.0)
        weights.append((sum(ends) if ends else weighting.otherwise) * factor)
    return weights
