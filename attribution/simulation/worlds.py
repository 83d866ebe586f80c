"""World: who meets which channel, and what makes people convert."""

from dataclasses import dataclass, replace
from typing import Final, Literal

Acts = Literal["exposure", "visit", "chain"]


@dataclass(frozen=True, slots=True)
class Source:
    """
    A channel of a simulated world.

    Parameters
    ----------
    channel : str
    touches : float
        A person's mean number of touches in the whole time.
    effect : float
        ``exposure``: conversions that a touch causes in the long run.
        ``visit``: what it adds to the hazard of its own visit.
    half_life : float
        Days until half of the effect has happened or is left.
    is_delayed : bool
        The effect rises before it falls (a gamma delay of shape 2).
    targeting : float
        Touches are proportional to the person's propensity to this power.
    substitution : float
        Share of its visits that would have come directly without the channel.
    returns : float
        Direct visits that a touch brings about later.
    """

    channel: str
    touches: float
    effect: float
    half_life: float
    is_delayed: bool = False
    targeting: float = 0.0
    substitution: float = 0.0
    returns: float = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """
    A world in which causes are known.

    Parameters
    ----------
    name : str
    acts : "exposure", "visit" or "chain"
        Touches raise the intensity of conversions over time; each visit is a
        chance to convert, raised by earlier touches; or a Markov chain walks
        from touch to touch.
    sources : tuple of Source
        Besides direct.
    organic : float
        ``exposure``: mean conversions a person without any touch;
        ``visit``: hazard of a visit without any effect.
    direct : float
        A person's mean number of direct visits that nothing brought about.
    spread : float
        Standard deviation of the logarithm of people's propensity, whose
        mean is 1; it multiplies what is organic.
    synergy : float
        A touch that follows one of another channel within a week has its
        effect times 1 + this.
    holdout : str
        This channel never reaches one region in five, drawn at random.
    ends : bool
        The first conversion ends what is watched of a person.
    placebo : str
        A channel that causes nothing.
    is_confounded : bool
        Whether touches depend on what makes people convert anyway.
    """

    name: str
    acts: Acts
    sources: tuple[Source, ...]
    organic: float
    direct: float = 1.0
    spread: float = 0.0
    synergy: float = 0.0
    holdout: str = ""
    ends: bool = True
    placebo: str = "Podcast"
    is_confounded: bool = False
    people: int = 30_000
    days: float = 60.0

    def without(self, **changes: float) -> "World":
        """Return the world with some fields of every source changed."""
        return replace(self, sources=tuple(replace(one, **changes) for one in self.sources))  # type: ignore[arg-type]


_EXPOSED: Final = (
    Source("Paid Search", 0.9, 0.05, 0.8),
    Source("Paid Social", 1.2, 0.03, 3.0),
    Source("Display", 1.6, 0.012, 4.0),
    Source("Email", 0.7, 0.04, 1.5),
    Source("Podcast", 0.8, 0.0, 2.0),
)
_VISITED: Final = (
    Source("Paid Search", 0.9, 0.06, 0.8),
    Source("Paid Social", 1.2, 0.035, 3.0),
    Source("Display", 1.6, 0.015, 4.0),
    Source("Email", 0.7, 0.05, 1.5),
    Source("Podcast", 0.8, 0.0, 2.0, substitution=1.0),
)
_CHAIN: Final = (
    Source("Paid Search", 0.35, 0.07, 0.8),
    Source("Paid Social", 0.25, 0.03, 3.0),
    Source("Display", 0.2, 0.01, 4.0),
    Source("Email", 0.1, 0.05, 1.5),
    Source("Podcast", 0.1, 0.0, 2.0),
)


def _each(sources: tuple[Source, ...], **changes: float | bool) -> tuple[Source, ...]:
    return tuple(replace(one, **changes) for one in sources)  # type: ignore[arg-type]


WORLDS: Final = (
    World("exposure, randomised", "exposure", _EXPOSED, organic=0.05),
    World(
        "exposure, targeted", "exposure", _each(_EXPOSED, targeting=1.0), organic=0.05, spread=0.7, is_confounded=True
    ),
    World("exposure, high organic", "exposure", _EXPOSED, organic=0.3),
    World("exposure, delayed", "exposure", _each(_EXPOSED, is_delayed=True, half_life=6.0), organic=0.05),
    World("exposure, synergy", "exposure", _EXPOSED, organic=0.05, synergy=1.0),
    World("exposure, geo holdout", "exposure", _each(_EXPOSED, targeting=0.5), organic=0.1, spread=0.5,
          holdout="Paid Social", is_confounded=True),
    World("visit, direct is baseline", "visit", _each(_VISITED, substitution=1.0), organic=0.03, direct=2.0),
    World("visit, half would come anyway", "visit", _each(_VISITED[:-1], substitution=0.5) + _VISITED[-1:],
          organic=0.03, direct=2.0),
    World("visit, direct cannibalises", "visit", _each(_VISITED[:-1], returns=0.6, substitution=0.5) + _VISITED[-1:],
          organic=0.02, direct=1.0),
    World("visit, targeted", "visit", _each(_VISITED, targeting=1.0, substitution=1.0), organic=0.03, direct=2.0,
          spread=0.7, is_confounded=True),
    World("visit, geo holdout", "visit", _each(_VISITED[:-1], substitution=0.5) + _VISITED[-1:], organic=0.03,
          direct=2.0, holdout="Paid Social"),
    World("markov chain", "chain", _CHAIN, organic=0.02, direct=0.3),
)  # fmt: skip
