"""Rows to ECharts options. A chart is data: colours are names of CSS variables that the page resolves by its theme."""

from collections.abc import Mapping, Sequence
from typing import Any

Option = dict[str, Any]

# The same channel has the same colour on every page; neighbours in a usual ranking differ most.
SERIES_OF_CHANNEL = {
    "Paid Search": 1,
    "Paid Social": 2,
    "Organic Search": 3,
    "Email": 4,
    "Display": 5,
    "Affiliates": 6,
    "Direct": 7,
    "Referral": 8,
    "Organic Social": 9,
    "Paid Video": 10,
    "Cross-network": 11,
    "Paid Shopping": 12,
    "Baseline": 0,
}
SERIES = 12
FADED = 0.4  # opacity of what is not complete yet


def series_numbers(names: Sequence[str], *, rest: str = "") -> dict[str, int]:
    """Return the colour number (1-12) of each name; 0, the neutral one, for *rest* and where colours run out."""
    numbers = {name: SERIES_OF_CHANNEL[name] for name in names if name in SERIES_OF_CHANNEL}
    free = iter([number for number in range(1, SERIES + 1) if number not in numbers.values()])
    for name in names:
        if name not in numbers:
            numbers[name] = 0 if name == rest else next(free, 0)
    return numbers


def channel_number(channel: str) -> int:
    """Return the colour number of a channel; 0 where it has none of its own."""
    return SERIES_OF_CHANNEL.get(channel, 0)


def colour(number: int) -> str:
    """Return the CSS variable of a colour number."""
    return f"var(--chart-{number})" if number else "var(--chart-compare)"


def over_time(
    labels: Sequence[str],
    incomplete: Sequence[bool],
    values: Mapping[str, Sequence[float]],
    *,
    numbers: Mapping[str, int],
    before: Sequence[float] = (),
    before_name: str = "",
) -> Option:
    """Return bars stacked by name over time; incomplete steps are faded, the compared total is a dashed line."""
    series = [_stacked(name, row, incomplete, colour(numbers[name])) for name, row in values.items()]
    if before:
        series.append(_compared(before_name, before))
    return {
        "grid": {"top": 12, "bottom": 34},
        "legend": {"data": [item["name"] for item in series]},
        "tooltip": {"trigger": "axis", "order": "seriesDesc"},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": {"type": "value", "splitNumber": 4},
        "series": series,
    }


def _stacked(name: str, row: Sequence[float], incomplete: Sequence[bool], fill: str) -> Option:
    return {
        "name": name,
        "type": "bar",
        "stack": "all",
        "barCategoryGap": "28%",
        "barMaxWidth": 44,
        "itemStyle": {"color": fill, "borderColor": "var(--surface)", "borderWidth": 0.5},
        "emphasis": {"focus": "series"},
        "data": [_point(value, fades) for value, fades in zip(row, incomplete, strict=True)],
    }


def _point(value: float, fades: bool) -> Any:
    return {"value": round(value, 4), "itemStyle": {"opacity": FADED}} if fades else round(value, 4)


def _compared(name: str, values: Sequence[float]) -> Option:
    return {
        "name": name,
        "type": "line",
        "symbol": "none",
        "lineStyle": {"type": "dashed", "width": 1.5, "color": "var(--chart-compare)"},
        "itemStyle": {"color": "var(--chart-compare)"},
        "data": [round(value, 4) for value in values],
        "z": 5,
    }


def side_by_side(names: Sequence[str], values: Mapping[str, Sequence[float]]) -> Option:
    """Return one group of bars per name with one bar per method, lying down so that long names stay readable."""
    series = [
        {
            "name": method,
            "type": "bar",
            "barGap": "12%",
            "barCategoryGap": "34%",
            "itemStyle": {"color": colour(place % SERIES + 1), "borderRadius": [0, 2, 2, 0]},
            "data": [round(value, 4) for value in row],
        }
        for place, (method, row) in enumerate(values.items())
    ]
    return {
        "grid": {"top": 8, "bottom": 34},
        "legend": {"data": list(values)},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value", "splitNumber": 4},
        "yAxis": {"type": "category", "data": list(names), "inverse": True},
        "series": series,
    }


def with_intervals(
    option: Option, intervals: Mapping[str, Sequence[tuple[float, float] | None]], *, name: str
) -> Option:
    """Return side-by-side bars with an error bar on those of the named series; the page draws them (chart.js)."""
    names = [one["name"] for one in option["series"]]
    bars = [
        {
            "name": name,
            "type": "intervals",
            "place": names.index(series),
            "count": len(names),
            "data": [[row, *ends] for row, ends in enumerate(rows) if ends is not None],
        }
        for series, rows in intervals.items()
    ]
    return option | {"series": [*option["series"], *bars]}


def streams(colours: Mapping[str, int], flows: Sequence[tuple[str, str, float]]) -> Option:
    """Return streams from givers at the left to takers at the right; the names of both sides must differ."""
    takers = {taker for _giver, taker, _value in flows}
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 4,
                "top": 8,
                "bottom": 8,
                "nodeWidth": 10,
                "nodeGap": 12,
                "draggable": False,
                "label": {"color": "var(--text-strong)", "fontSize": 12, "position": "right"},
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "source", "opacity": 0.32, "curveness": 0.5},
                # A name stands inside the picture on both sides.
                "data": [
                    {
                        "name": name,
                        "itemStyle": {"color": colour(number)},
                        "label": {"position": "left" if name in takers else "right"},
                    }
                    for name, number in colours.items()
                ],
                "links": [
                    {"source": giver, "target": taker, "value": round(value, 2)} for giver, taker, value in flows
                ],
            }
        ],
    }


def sparkline(values: Sequence[float], *, label: str) -> Option:
    """Return a line without axes: the shape of a figure, not its values."""
    return {
        "grid": {"top": 2, "right": 0, "bottom": 2, "left": 0},
        "xAxis": {"type": "category", "show": False, "data": [str(place) for place in range(len(values))]},
        "yAxis": {"type": "value", "show": False, "min": 0},
        "tooltip": {"show": False},
        "series": [
            {
                "name": label,
                "type": "line",
                "symbol": "none",
                "lineStyle": {"width": 1.5, "color": "var(--accent)"},
                "areaStyle": {"color": "var(--accent-soft)"},
                "data": list(values),
            }
        ],
    }
