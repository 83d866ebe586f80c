"""What trainings learned, as rows of ClickHouse: one version for each run, written once and joined at read time."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attribution as engine
from apps.attribution.training_sql import Material
from apps.shared import clickhouse

_MILLISECOND = timedelta(milliseconds=1)


def write(property_id: int, version: int, fit: engine.Fit, material: Material, *, now: datetime) -> None:
    """Write the weights of a fit. Safe to repeat: the same version holds the same rows."""
    rows = [*_shares(fit), *_parts(fit.spec.weighting)]
    same: dict[str, Any] = {
        "property_id": property_id,
        "version": version,
        "method": fit.method,
        "goal_id": material.goal_id,
        "parameters": json.dumps(dict(fit.parameters), sort_keys=True),
        "window_from": material.window_from,
        "window_to": material.window_to,
        "data_hash": fit.data_hash,
        "written_at": now,
    }
    own = ("part", "channel", "half_life_ms", "is_delayed", "weight", "share", "low", "high")
    columns: dict[str, list[object]] = {name: [value] * len(rows) for name, value in same.items()}
    columns |= {name: [row[place] for row in rows] for place, name in enumerate(own)}
    clickhouse.insert("method_weights", columns)


def _shares(fit: engine.Fit) -> Iterator[tuple[Any, ...]]:
    for one in fit.channels:
        yield "share", one.channel, 0, False, one.weight, one.share, one.low, one.high
    if fit.baseline:
        one = fit.baseline
        yield "baseline", engine.BASELINE, 0, False, one.weight, one.share, one.low, one.high


def _parts(weighting: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that the method's SQL joins."""
    if isinstance(weighting, engine.Learned):
        for channel, weight in weighting.by_channel:
            yield "weight", channel, 0, False, weight, 0.0, 0.0, 0.0
    if isinstance(weighting, engine.Intensity):
        for effect in weighting.effects:
            half_life = effect.half_life // _MILLISECOND
            yield "effect", effect.channel, half_life, effect.delayed, effect.size, 0.0, 0.0, 0.0
