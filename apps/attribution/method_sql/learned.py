"""Learned weights: out of `method_weights` by version, or out of a specification, bound."""

from dataclasses import dataclass
from datetime import timedelta

import attribution as engine
from apps.attribution.goal_sql import Parameters

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Weights:
    """Where learned weights come from: `method_weights` by version, or the specification itself, bound."""

    bound: Parameters
    version: int | None

    def learned(self, weights: tuple[tuple[str, float], ...], rows: str) -> str:
        """Return the weight of `channel`: that of *weights*, which *rows* of a version hold too."""
        if not weights:
            return "toFloat64(0)"
        if self.version is None:
            names = self.bound.bind([key for key, _ in weights], "Array(String)")
            values = self.bound.bind([weight for _, weight in weights], "Array(Float64)")
        else:
            version = self.bound.bind(self.version, "UInt64")
            stored = f"""FROM (
                SELECT channel, weight FROM method_weights FINAL
                WHERE property_id = {{property_id:UInt64}} AND version = {version} AND {rows} ORDER BY channel
            )"""
            names, values = f"(SELECT groupArray(toString(channel)) {stored})", f"(SELECT groupArray(weight) {stored})"
        return f"transform(toString(channel), {names}, {values}, toFloat64(0))"


def by_fit(weighting: engine.Learned, pool: dict[str, str], weights_of: Weights) -> str:
    channels = pool["channels"]
    weight = weights_of.learned(weighting.by_channel, "part = 'weight'")
    sharers = f" / countEqual({channels}, channel)" if weighting.distinct else ""
    return f"arrayMap(channel -> {weight}{sharers}, {channels})"


def by_intensity(weighting: engine.Intensity, name: str, pool: dict[str, str], weights_of: Weights) -> list[str]:
    """Return the aliases of shares that sum to less than 1: the rest is the baseline's."""
    bound = weights_of.bound
    ages = pool["ages"]
    since = f"{ages}[-1]" if weighting.from_youngest else "0"
    terms = []
    for half_life, delayed in sorted({(one.half_life, one.delayed) for one in weighting.effects}):
        alike = [one for one in weighting.effects if (one.half_life, one.delayed) == (half_life, delayed)]
        rows = f"part = 'effect' AND half_life_ms = {half_life // _MILLISECOND} AND is_delayed = {int(delayed)}"
        sizes = weights_of.learned(tuple((one.channel, one.size) for one in alike), rows)
        half_lives = f"((age - {since}) / {bound.bind(half_life / _MILLISECOND, 'Float64')})"
        terms.append(f"{sizes} * exp2(-{half_lives})" + (f" * {half_lives}" if delayed else ""))
    base = f"{bound.bind(weighting.baseline, 'Float64')} + {bound.bind(weighting.signal, 'Float64')} * {name}_n"
    weight = " + ".join(terms) or "toFloat64(0)"
    share = f"{bound.bind(weighting.lasting, 'Float64')} * weight / {name}_total"
    return [
        f"arrayMap((age, channel) -> {weight}, {ages}, {pool['channels']}) AS {name}_weights",
        f"{base} + arraySum({name}_weights) AS {name}_total",
        f"arrayMap(weight -> if({name}_total = 0, 0, {share}), {name}_weights) AS {name}_shares",
    ]
