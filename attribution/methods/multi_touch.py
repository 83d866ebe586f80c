"""Methods that divide the credit by a rule stated beforehand."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from attribution.spec import Custom, Decay, Equal, MethodSpec, Shares


def linear() -> MethodSpec:
    """Return the method that credits every touchpoint alike."""
    return MethodSpec("linear", Equal())


def linear_distinct() -> MethodSpec:
    """
    Return the method that credits every distinct channel of a journey alike.

    Notes
    -----
    Equals the Shapley value of the game whose worth is the number of
    conversions, which is why it is not offered under that name.

    References
    ----------
    Zhao, Mahboobi and Bagheri (2018), Shapley value methods for attribution
    modeling in online advertising, arXiv:1804.05327.
    """
    return MethodSpec("linear_distinct", Equal(distinct=True))


def position_based(*, first: float = 0.4, rest: float = 0.2, last: float = 0.4) -> MethodSpec:
    """
    Return the method that credits both ends and shares the remainder between them.

    Parameters
    ----------
    first, rest, last : float
        Not negative, not all zero; scaled to sum 1.

    Raises
    ------
    BadSpecError
        If the weights are unusable.
    """
    return MethodSpec("position_based", Shares(first=first, rest=rest, last=last))


def w_shaped(*, first: float = 0.3, milestone: float = 0.3, last: float = 0.3, rest: float = 0.1) -> MethodSpec:
    """
    Return the method that credits both ends and the touchpoint of a milestone.

    Without a milestone the journey is credited by position (0.4, 0.2, 0.4).

    Raises
    ------
    BadSpecError
        If the weights are unusable.
    """
    shares = Shares(first=first, rest=rest, last=last, milestone=milestone, without_milestone=(0.4, 0.2, 0.4))
    return MethodSpec("w_shaped", shares)


def time_decay(*, half_life: timedelta = timedelta(days=7)) -> MethodSpec:
    """
    Return the method that halves a touchpoint's credit with every half-life of age.

    Raises
    ------
    BadSpecError
        If the half-life is shorter than a second.
    """
    return MethodSpec("time_decay", Decay(half_life))


def custom(
    *,
    from_start: Sequence[float] = (),
    from_end: Sequence[float] = (),
    otherwise: float = 1.0,
    by_channel: Mapping[str, float] | None = None,
    by_kind: Mapping[str, float] | None = None,
) -> MethodSpec:
    """
    Return a method with weights by position from either end, channel and kind.

    Raises
    ------
    BadSpecError
        If a weight is unusable or all position weights are zero.
    """
    factors = (tuple(sorted((by_channel or {}).items())), tuple(sorted((by_kind or {}).items())))
    return MethodSpec("custom", Custom(tuple(from_start), tuple(from_end), otherwise, *factors))
