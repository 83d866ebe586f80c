// Error bars on bars that lie side by side: ECharts has none, so a series of type "intervals" is drawn by hand.
// Its data are [row, low, high]; `place` of `count` says which bar of each row it belongs to.
const BAND = 0.66; // of a row's height the bars take two thirds: barCategoryGap of charts.side_by_side
const CAP = 3;

function drawn(series, color) {
  return (params, api) => {
    const row = api.value(0);
    const [left, middle] = api.coord([api.value(1), row]);
    const [right] = api.coord([api.value(2), row]);
    const height = (api.size([0, 1])[1] * BAND) / series.count;
    const y = middle + (series.place - (series.count - 1) / 2) * height;
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 1.25 } });
    return { type: "group", children: [line(left, y, right, y), line(left, y - CAP, left, y + CAP), line(right, y - CAP, right, y + CAP)] };
  };
}

export function withErrorBars(option, tokens) {
  if (!Array.isArray(option.series)) return option;
  const series = option.series.map((one) =>
    one.type === "intervals"
      ? { name: one.name, type: "custom", data: one.data, encode: { x: [1, 2], y: 0 }, renderItem: drawn(one, tokens["text-strong"]), silent: true, tooltip: { show: false }, z: 10 }
      : one,
  );
  return { ...option, series };
}
