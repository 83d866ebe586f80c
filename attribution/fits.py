"""Fit: what a data-driven method learned, complete enough to be stored, shown, compared and applied."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

from attribution.spec import BadSpecError, MethodSpec


class CannotTellError(ValueError):
    """
    The data cannot answer what the method asks.

    Parameters
    ----------
    code : str
        ``no_conversions``, ``no_channels``, ``too_many_channels``,
        ``too_few_conversions``, ``too_few_people``, ``too_few_regions`` or
        ``not_distinguishable``.
    message : str
        In English, with the figures.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ChannelFit:
    """
    What a method says of one channel.

    Parameters
    ----------
    channel : str
    weight : float
        In the method's own unit: the removal effect (`markov`, in [0, 1]),
        the Shapley value (`shapley`, conversions a path, may be negative), or
        the conversions caused (`incremental`).
    share : float
        Of all credit, in [0, 1]. With those of the other channels, and the
        baseline where the method knows one, it sums to 1.
    low, high : float
        Ends of the 95 % interval of the share; both equal to it when no
        interval was asked for.
    """

    channel: str
    weight: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Fit:
    """
    The weights that a data-driven method learned.

    Parameters
    ----------
    method : str
        Key in `LEARNED`.
    parameters : mapping
        What the fit was asked for: numbers and texts.
    channels : tuple of ChannelFit
        By name. Their shares are the method's own answer for the whole data;
        credit of single journeys added up is another figure.
    spec : MethodSpec
        How the fit divides the credit of one journey.
    baseline : ChannelFit or None
        What would have happened anyway; None for methods that know none.
    quality : mapping of str to float
        How well it fits; keys depend on the method.
    paths, conversions : int
        How much it was fitted on.
    data_hash : str
        Fingerprint of the statistic it was fitted on.
    """

    method: str
    parameters: Mapping[str, Any]
    channels: tuple[ChannelFit, ...]
    spec: MethodSpec
    baseline: ChannelFit | None
    quality: Mapping[str, float]
    paths: int
    conversions: int
    data_hash: str
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        figures = [*self.channels, *([self.baseline] if self.baseline else [])]
        numbers = [number for one in figures for number in (one.weight, one.share, one.low, one.high)]
        if not all(isfinite(number) for number in (*numbers, *self.quality.values())):
            raise BadSpecError(f"{self.method}: a figure is not a finite number")

    @property
    def shares(self) -> Mapping[str, float]:
        """Share of every channel."""
        return MappingProxyType({one.channel: one.share for one in self.channels})

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as values that JSON can hold."""
        plain = {name: getattr(self, name) for name in ("method", "paths", "conversions", "data_hash")}
        return {
            **plain,
            "parameters": dict(self.parameters),
            "channels": [asdict(one) for one in self.channels],
            "baseline": asdict(self.baseline) if self.baseline else None,
            "quality": dict(self.quality),
            "notes": list(self.notes),
            "spec": self.spec.to_dict(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Fit":
        """
        Return the fit that `to_dict` or JSON wrote.

        Raises
        ------
        BadSpecError
            If a part is missing, unknown or out of range.
        """
        try:
            return cls(
                **{
                    **stored,
                    "channels": tuple(ChannelFit(**one) for one in stored["channels"]),
                    "baseline": ChannelFit(**stored["baseline"]) if stored["baseline"] else None,
                    "notes": tuple(stored["notes"]),
                    "spec": MethodSpec.from_dict(stored["spec"]),
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BadSpecError(f"not a fit: {error}") from error
