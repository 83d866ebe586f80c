// Draws every [data-chart] from the JSON beside it. Colours come from the tokens, so a chart follows the theme.
import { BarChart, CustomChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { withErrorBars } from "./chart_intervals.js";
import { readTokens, withTheme } from "./chart_theme.js";

use([
  BarChart, CustomChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart, AriaComponent, DatasetComponent,
  GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
]);

const drawn = new Map();
const resizer = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});

function forgetRemoved() {
  for (const [canvas, chart] of drawn) {
    if (canvas.isConnected) continue;
    resizer.unobserve(canvas);
    chart.dispose();
    drawn.delete(canvas);
  }
}

function draw(figure, tokens) {
  const canvas = figure.querySelector(".chart__canvas");
  const option = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  let chart = drawn.get(canvas);
  if (chart && !canvas.firstElementChild) {
    chart.dispose();
    chart = undefined;
  }
  if (!chart) {
    // A morph keeps the box but takes away what was drawn in it: start from an empty one.
    canvas.replaceChildren();
    chart = init(canvas, null, { renderer: "canvas" });
    drawn.set(canvas, chart);
    resizer.observe(canvas);
  }
  chart.setOption(withErrorBars(withTheme(option, tokens, figure.dataset), tokens), { notMerge: true });
}

export function drawAll() {
  forgetRemoved();
  const tokens = readTokens();
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure, tokens);
}

document.addEventListener("theme", drawAll);
document.fonts?.ready.then(drawAll);
