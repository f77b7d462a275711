"use strict";
// Elements, numbers and colours, which all parts of the board use.
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 10;

const element = (name, attributes = {}, ...children) => {
  const node = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
};

const byId = (id) => document.getElementById(id);

const formatNumber = (value, digits = 5) => {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (value === 0) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(Math.max(1, digits - 3)).replace("e+", "e");
  return Number(value.toPrecision(digits)).toString();
};

const formatSeconds = (seconds) => {
  if (!seconds) return "";
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
};

// A colour of a group is its number's, which stays while groups are shown and hidden.
const colourStyle = (number) => `--own: var(--c${number % COLOURS})`;
const dot = (number) => element("span", { class: "dot", style: colourStyle(number), "aria-hidden": "true" });
const named = (number, text) => element("span", { class: "named" }, dot(number), element("span", {}, text));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) => {
  if (values.length < 2) return null;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
};

// Round numbers that divide a range into about `count` parts.
const niceTicks = (low, high, count) => {
  const rough = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
};

const logTicks = (low, high) => {
  const ticks = [], from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
  const factors = to - from > 3 ? [1] : to - from > 1 ? [1, 3] : [1, 2, 3, 5];
  const every = Math.max(1, Math.ceil((to - from) / 6));
  for (let power = from; power <= to; power += every) {
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(6));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks.length > 1 ? ticks : niceTicks(low, high, 4);
};

const shortNumber = (value) => {
  const size = Math.abs(value);
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return size !== 0 && size < 1e-3 ? value.toExponential(0).replace("e+", "e") : String(Number(value.toPrecision(4)));
};
