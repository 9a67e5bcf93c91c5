// The part of ECharts that the app uses. Tooltips are drawn on the canvas ("richText"): the
// HTML ones carry inline styles, which the content security policy refuses.
import * as echarts from "echarts/core";
import { BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, ScatterChart,
  AriaComponent, DatasetComponent, GridComponent, LegendComponent,
  MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

// Colours and type of the theme that is on; canvas knows no CSS variables.
function palette(element) {
  const style = getComputedStyle(element);
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (name) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = style.getPropertyValue(name).trim() || "#888";
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b];
  };
  const text = (name, alpha = 1) => `rgba(${rgb(name).join(",")},${alpha})`;
  return { text, font: style.fontFamily };
}

function themed(element, option) {
  const { text, font } = palette(element);
  const ink = text("--color-base-content");
  const soft = text("--color-base-content", 0.62);
  const line = text("--color-base-content", 0.12);
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: soft },
    nameTextStyle: { color: soft },
    splitLine: { lineStyle: { color: line } },
  };
  const isPart = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  // Parts too: an axis that only formats its labels keeps their colour.
  const over = (base, value) => {
    const part = ([name, own]) => [name, isPart(own) && isPart(base[name]) ? { ...base[name], ...own } : own];
    return Object.fromEntries(Object.entries({ ...base, ...value }).map(part));
  };
  const merge = (base, value) => (Array.isArray(value) ? value.map((v) => over(base, v)) : over(base, value));
  const colours = ["--color-primary", "--color-info", "--color-success", "--color-warning", "--color-error", "--color-secondary"];
  const result = {
    // Months of a year are told apart: from the seventh series on the colours come again, paler.
    color: [1, 0.45].flatMap((alpha) => colours.map((c) => text(c, alpha))),
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
    aria: { enabled: true },
    ...option,
    textStyle: { fontFamily: font, color: ink, ...option.textStyle },
    tooltip: {
      renderMode: "richText",
      backgroundColor: text("--color-base-100", 0.97),
      borderColor: line,
      textStyle: { color: ink, fontFamily: font, fontSize: 12 },
      ...option.tooltip,
    },
    grid: merge({ left: 8, right: 12, top: 32, bottom: 8, containLabel: true }, option.grid ?? {}),
  };
  if (option.xAxis) result.xAxis = merge(axis, option.xAxis);
  if (option.yAxis) result.yAxis = merge(axis, option.yAxis);
  if (option.legend) result.legend = merge({ textStyle: { color: soft }, icon: "roundRect", itemHeight: 8, itemWidth: 12 }, option.legend);
  // Without a colour of its own such a label is outlined.
  const lined = (series) => ({ ...series, markLine: merge({ label: { color: soft } }, series.markLine) });
  if (option.series) result.series = option.series.map((series) => (series.markLine ? lined(series) : series));
  return result;
}

// Draws `json` (an ECharts option) in the element; the answer has update(json), onClick(f) and dispose().
export function draw(element, json) {
  let option = JSON.parse(json);
  const chart = echarts.init(element, null, { renderer: "canvas" });
  const paint = () => chart.setOption(themed(element, option), { notMerge: true });
  paint();
  const size = new ResizeObserver(() => chart.resize());
  size.observe(element);
  const theme = new MutationObserver(paint);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return {
    update(next) {
      option = JSON.parse(next);
      paint();
    },
    onClick(handler) {
      chart.on("click", (event) => handler(event.dataIndex ?? -1, String(event.name ?? "")));
    },
    dispose() {
      size.disconnect();
      theme.disconnect();
      chart.dispose();
    },
  };
}
