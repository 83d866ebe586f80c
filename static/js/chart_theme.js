// From CSS variables to ECharts: it cannot read oklch() or light-dark(), so every colour passes through a canvas pixel.
const NAMES = ["text", "text-strong", "text-muted", "line", "line-strong", "surface", "surface-raised", "surface-hover", "accent", "accent-soft", "good", "warn", "bad", "chart-grid", "chart-compare"];
const SERIES = Array.from({ length: 12 }, (_, index) => `chart-${index + 1}`);
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function asRgb(colour) {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
}

export function readTokens() {
  const probe = document.body.appendChild(document.createElement("span"));
  const tokens = { font: getComputedStyle(document.body).fontFamily };
  for (const name of [...NAMES, ...SERIES]) {
    probe.style.color = `var(--${name})`;
    tokens[name] = asRgb(getComputedStyle(probe).color);
  }
  probe.remove();
  return tokens;
}

// "var(--chart-3)" anywhere in an option means that token.
function resolve(value, tokens) {
  if (typeof value === "string") return value.replace(/var\(--([\w-]+)\)/g, (whole, name) => tokens[name] ?? whole);
  if (Array.isArray(value)) return value.map((item) => resolve(item, tokens));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, tokens)]));
  return value;
}

function numberFormat({ format, currency }) {
  const language = document.documentElement.lang;
  if (format === "money" && currency) return new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 2 });
  if (format === "percent") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
}

function compactFormat({ format, currency }) {
  const language = document.documentElement.lang;
  if (format === "percent") return numberFormat({ format });
  const money = format === "money" && currency ? { style: "currency", currency } : {};
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1, ...money });
}

// Categories that are days (2026-09-22) are written as days of the reader's language.
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function dayFormat(days) {
  const years = new Set(days.filter((day) => DAY.test(day)).map((day) => day.slice(0, 4)));
  const year = years.size > 1 ? { year: "numeric" } : {};
  return new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC", ...year });
}

function dayLabel(categories) {
  const format = dayFormat(categories ?? []);
  return (value) => (DAY.test(value) ? format.format(new Date(`${value}T00:00:00Z`)) : value);
}

function axis(given, tokens, compact) {
  if (Array.isArray(given)) return given.map((one) => axis(one, tokens, compact));
  const isValue = (given.type ?? "value") === "value";
  const write = isValue ? (value) => compact.format(value) : dayLabel(given.data);
  const label = { color: tokens["text-muted"], fontSize: 11, hideOverlap: true, formatter: write };
  return {
    splitNumber: 4,
    ...given,
    axisLine: { show: !isValue, lineStyle: { color: tokens.line }, ...given.axisLine },
    axisTick: { show: false, ...given.axisTick },
    axisLabel: { ...label, ...given.axisLabel },
    splitLine: { show: isValue, lineStyle: { color: tokens["chart-grid"] }, ...given.splitLine },
  };
}

function tooltip(given, tokens, exact) {
  return {
    trigger: "axis",
    // HTML tooltips would need inline styles, which the content policy refuses.
    renderMode: "richText",
    confine: true,
    backgroundColor: tokens["surface-raised"],
    borderColor: tokens["line-strong"],
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { color: tokens["text-strong"], fontSize: 12, fontFamily: tokens.font },
    axisPointer: { type: "line", lineStyle: { color: tokens["line-strong"] }, shadowStyle: { color: tokens["surface-hover"], opacity: 0.5 } },
    valueFormatter: (value) => (typeof value === "number" ? exact.format(value) : (value ?? "–")),
    ...given,
  };
}

function legend(given, tokens) {
  if (!given || given.show === false) return given;
  return { icon: "roundRect", itemWidth: 10, itemHeight: 10, itemGap: 16, bottom: 0, type: "scroll", ...given, textStyle: { color: tokens.text, fontSize: 12, ...given.textStyle } };
}

/** Return *given* with the product's look around it; whatever an option says itself wins. */
export function withTheme(given, tokens, { format, currency, description }) {
  const option = resolve(given, tokens);
  const formats = { format, currency };
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const themed = {
    color: SERIES.map((name) => tokens[name]),
    animation: !isCalm,
    animationDuration: 350,
    textStyle: { fontFamily: tokens.font, color: tokens.text },
    aria: { enabled: true, label: { description } },
    ...option,
    tooltip: tooltip(option.tooltip, tokens, numberFormat(formats)),
  };
  if (option.xAxis || option.yAxis) {
    themed.grid = { left: 4, right: 12, top: 16, bottom: option.legend ? 32 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel", ...option.grid };
    themed.xAxis = axis(option.xAxis ?? {}, tokens, compactFormat(formats));
    themed.yAxis = axis(option.yAxis ?? {}, tokens, compactFormat(formats));
  }
  if (option.legend) themed.legend = legend(option.legend, tokens);
  return themed;
}
