"""Rows of quality as ECharts options; colours are names of CSS variables that the page resolves by its theme."""

from collections.abc import Sequence
from typing import Any


def scores(
    labels: Sequence[str], values: Sequence[float | None], failed: Sequence[int], *, name: str, failed_name: str
) -> dict[str, Any]:
    """Return the score of each day as a line from 0 to 100 over bars of what failed; a day without a score is a gap."""
    return {
        "grid": {"top": 16, "bottom": 34},
        "legend": {"data": [name, failed_name]},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": [
            {"type": "value", "min": 0, "max": 100, "interval": 25},
            {"type": "value", "min": 0, "minInterval": 1, "splitLine": {"show": False}, "splitNumber": 4},
        ],
        "series": [
            {
                "name": failed_name,
                "type": "bar",
                "yAxisIndex": 1,
                "barMaxWidth": 22,
                "itemStyle": {"color": "var(--chart-compare)", "opacity": 0.5},
                "data": list(failed),
            },
            {
                "name": name,
                "type": "line",
                "symbolSize": 6,
                "lineStyle": {"width": 2, "color": "var(--chart-1)"},
                "itemStyle": {"color": "var(--chart-1)"},
                "data": [None if value is None else round(value, 1) for value in values],
                "z": 5,
            },
        ],
    }
