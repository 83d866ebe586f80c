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

const drawn = new Map(); // canvas to its chart, its name, and the text that it was drawn from
let tokens; // of the theme; to read them costs a frame, for each colour is painted and read back
const resizer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const chart = drawn.get(target)?.chart;
    // The first call comes at once, with the size that it was drawn in.
    if (chart && (chart.getWidth() !== target.clientWidth || chart.getHeight() !== target.clientHeight)) chart.resize();
  }
});

function forgetRemoved() {
  for (const [canvas, { chart }] of drawn) {
    if (canvas.isConnected) continue;
    resizer.unobserve(canvas);
    chart.dispose();
    drawn.delete(canvas);
  }
}

const canvasOf = (figure) => figure.querySelector(".chart__canvas");
const textOf = (figure) => document.getElementById(figure.dataset.chart).textContent;
const toldOf = (figure) => JSON.stringify(figure.dataset) + textOf(figure);

function isDrawn(figure) {
  const canvas = canvasOf(figure);
  return Boolean(canvas.firstElementChild) && drawn.get(canvas)?.told === toldOf(figure);
}

// A figure that was swapped for a newer one goes on with the chart that stood there: to begin one costs more than to change it.
function takeOver(figure) {
  for (const [canvas, { name }] of drawn) {
    if (name === figure.dataset.chart && !canvas.isConnected) canvasOf(figure).replaceWith(canvas);
  }
}

function draw(figure, tokens) {
  takeOver(figure);
  const canvas = canvasOf(figure);
  let chart = drawn.get(canvas)?.chart;
  if (chart && !canvas.firstElementChild) {
    chart.dispose();
    chart = undefined;
  }
  if (!chart) {
    // A morph keeps the box but takes away what was drawn in it: start from an empty one.
    canvas.replaceChildren();
    chart = init(canvas, null, { renderer: "canvas" });
    resizer.observe(canvas);
  }
  drawn.set(canvas, { chart, name: figure.dataset.chart, told: toldOf(figure) });
  chart.setOption(withErrorBars(withTheme(JSON.parse(textOf(figure)), tokens, figure.dataset), tokens), { notMerge: true });
}

function drawThese(figures) {
  if (figures.length) tokens ??= readTokens();
  for (const figure of figures) draw(figure, tokens);
  forgetRemoved();
}

/** Draw what is new or has changed; what stands there already costs a comparison. */
export function drawChanged() {
  drawThese([...document.querySelectorAll("[data-chart]")].filter((figure) => !isDrawn(figure)));
}

function drawAll() {
  tokens = undefined;
  drawThese([...document.querySelectorAll("[data-chart]")]);
}

document.addEventListener("theme", drawAll);
document.fonts?.ready.then(drawAll);
