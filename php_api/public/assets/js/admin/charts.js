/** Draws the charts of the summary from the tables beside them, in the colours of the theme. All times are UTC. */
import uPlot from "../../vendor/uplot-1.6.32.js";
import { Texts } from "../texts.js";
import { columns, rowsOf, stacked, steps, written } from "./chart_table.js";

const HEIGHT = 200;
const SHARE_OF_BAR = 0.8;
/** Colours of the theme for series that are no bad news. */
const COLOURS = ["tel-0", "tel-4", "tel-2", "tel-3", "tel-5", "soft"];
/** In red light series differ by their brightness alone. */
const RED = ["#ff0000", "#a00000", "#d00000", "#700000", "#e80000", "#500000"];

const style = getComputedStyle(document.documentElement);
const language = document.documentElement.lang || "en";
const texts = Texts.of(document);
const isNight = document.documentElement.dataset.theme === "night";
const named = (name) => style.getPropertyValue(`--${name}`).trim();

function colourOf(item, number) {
  if (isNight) return RED[number % RED.length];
  return item.dataset.colour === "bad" ? named("bad") : named(COLOURS[Number(item.dataset.colour)]);
}

function timesWritten(hours) {
  const form = hours === 1 ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  const format = new Intl.DateTimeFormat(language, { ...form, timeZone: "UTC", hourCycle: "h23" });
  return (plot, marks) => marks.map((second) => format.format(new Date(1000 * second)));
}

function axes(figure, hours) {
  const { unit } = figure.dataset;
  const common = { stroke: named("soft"), grid: { stroke: named("line"), width: 1 }, ticks: { stroke: named("line"), width: 1 }, font: "12px system-ui, sans-serif" };
  return [
    { ...common, grid: { show: false }, values: timesWritten(hours), incrs: [3600, 7200, 10800, 14400, 21600, 86400, 172800, 432000, 604800], space: 48, size: 32 },
    { ...common, incrs: steps(unit), size: 64, space: 32, values: (plot, marks) => marks.map((mark) => written(mark, unit, texts)) },
  ];
}

/** Writes the values under the pointer beside the names of the series. */
function show(items, rows, unit, at) {
  items.forEach((item, series) => {
    const value = at === null ? null : rows[at].values[series];
    item.querySelector("b").textContent = value === null ? "" : written(value, unit, texts);
  });
}

function draw(figure) {
  const place = figure.querySelector(".chart-place");
  const items = [...figure.querySelectorAll(".chart-key li")];
  const rows = rowsOf(figure.querySelector("table"));
  const hours = Number(figure.dataset.hours);
  const [times, ...values] = columns(rows);
  const isBars = figure.dataset.form === "bars";
  // The sum of all is drawn first; the others cover it from below.
  const order = isBars ? values.map((_, number) => values.length - 1 - number) : values.map((_, number) => number);
  const shown = isBars ? stacked(values) : values;
  items.forEach((item, number) => item.querySelector(".swatch").style.setProperty("--swatch", colourOf(item, number)));
  const series = order.map((number) => {
    const colour = colourOf(items[number], number);
    return isBars
      ? { stroke: colour, fill: colour, width: 0, paths: uPlot.paths.bars({ size: [SHARE_OF_BAR, 48], align: 1 }), points: { show: false } }
      : { stroke: colour, width: 2, spanGaps: true, points: { size: 5, fill: colour }, dash: isNight && number > 0 ? [6, 4] : undefined };
  });
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    tzDate: (second) => uPlot.tzDate(new Date(1000 * second), "Etc/UTC"),
    scales: {
      x: { range: () => [times[0], times[times.length - 1] + 3600 * hours] },
      y: { range: (plot, least, most) => [0, most > 0 ? 1.08 * most : 1] },
    },
    axes: axes(figure, hours),
    series: [{}, ...series],
    hooks: { setCursor: [(plot) => show(items, rows, figure.dataset.unit, plot.cursor.left < 0 ? null : plot.cursor.idx)] },
  };
  const plot = new uPlot(options, [times, ...order.map((number) => shown[number])], place);
  new ResizeObserver(() => {
    if (place.clientWidth > 0 && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  place.dataset.drawn = "";
}

document.querySelectorAll("figure.chart:has(.chart-place)").forEach(draw);
