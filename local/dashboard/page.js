"use strict";

// Draws what the page holds. Again when the colours change from light to dark, or the width.
const content = JSON.parse(document.getElementById("content").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const LINES = {
  light: ["#2f6fdb", "#d1620f", "#16865a", "#b3318b", "#7a5bd0", "#8a6d00", "#c0312b", "#0d7f92"],
  dark: ["#7aa9ff", "#f0a05a", "#5fd0a0", "#ee86cf", "#b7a0ff", "#d8bd55", "#ff9189", "#62c8da"],
};
const SIGNS = { OK: "✓", ALARM: "✕", INSUFFICIENT_DATA: "·" };
const PLOT_HEIGHT = 150;
const NEXT_ROUND = 8; // Lines; from here on the colours begin again, dashed.

function element(name, options = {}, ...children) {
  const made = Object.assign(document.createElement(name), options);
  made.append(...children);
  return made;
}

function place(made, { x, width }) {
  made.style.gridColumn = `${x + 1} / span ${width}`;
  return made;
}

function alarms(widget) {
  const items = widget.alarms.map(({ name, state, description }) =>
    element("li", { className: state, title: description }, element("b", {}, `${SIGNS[state]} `), name),
  );
  return place(
    element("section", {}, element("h3", {}, widget.title), element("ul", { className: "alarms" }, ...items)),
    widget.place,
  );
}

function number(value) {
  return value == null ? "–" : new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(value);
}

function plot(widget, into) {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const lines = dark.matches ? LINES.dark : LINES.light;
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const series = widget.labels.map((label, index) => ({
    label,
    stroke: lines[index % lines.length],
    width: 1.5,
    dash: index < NEXT_ROUND ? undefined : [5, 3],
    points: { show: true, size: 5 },
    value: (_plot, value) => number(value),
  }));
  return new uPlot(
    {
      width: into.clientWidth,
      height: PLOT_HEIGHT,
      cursor: { sync: { key: "all" }, y: false },
      scales: { y: { range: (_plot, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
      series: [{ value: "{HH}:{mm}:{ss}" }, ...series],
      axes: [{ ...axis }, { ...axis, size: 46, values: (_plot, ticks) => ticks.map(number) }],
    },
    widget.data,
    into,
  );
}

function graph(widget) {
  const into = element("div");
  const parts = [element("h3", {}, widget.title), element("p", { className: "axis" }, widget.axis)];
  if (widget.labels.length === 0) {
    return place(element("section", {}, ...parts, element("p", { className: "empty" }, "no data")), widget.place);
  }
  let drawn;
  function draw() {
    drawn?.destroy();
    drawn = plot(widget, into);
  }
  dark.addEventListener("change", draw);
  new ResizeObserver(() => (drawn ? drawn.setSize({ width: into.clientWidth, height: PLOT_HEIGHT }) : draw())).observe(
    into,
  );
  return place(element("section", {}, ...parts, into), widget.place);
}

const KINDS = { text: ({ heading }) => element("h2", {}, heading), alarms, graph };
const [title, said] = [document.querySelector("h1"), document.querySelector("header p")];
title.textContent = document.title = content.name;
said.textContent = `Until ${new Date(content.until).toLocaleString()}, a point each ${content.period} s. Lines without data are left out.`;
document.querySelector("main").append(...content.widgets.map((widget) => KINDS[widget.kind](widget)));
