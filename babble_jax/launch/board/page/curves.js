"use strict";
// Curves of a metric: a line for the mean of a group over its seeds, and a band from the lowest to the highest.
const MARGIN = { left: 48, right: 10, top: 8, bottom: 22 };

const valueAt = (curve, step) => {
  const { steps, values } = curve;
  let low = 0, high = steps.length - 1;
  if (step <= steps[0]) return values[0];
  if (step >= steps[high]) return values[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle; else high = middle;
  }
  const share = (step - steps[low]) / (steps[high] - steps[low]);
  return values[low] + share * (values[high] - values[low]);
};

// The exponential mean, by which each point weighs its predecessors; the first ones are not drawn towards zero.
const smoothed = (values, weight) => {
  let sum = 0, total = 0;
  return values.map((value) => {
    sum = weight * sum + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return sum / total;
  });
};

// What is drawn of a group: a line for each run, or their mean and range at the steps that all of them have.
const linesOf = (group, metric, each, smoothing) => {
  const curves = group.runs.filter((run) => metric in run.curves).map((run) => ({ ...run.curves[metric], label: run.label }));
  const line = (curve, name) => ({
    group, name, steps: curve.steps, raw: curve.values, values: smoothing ? smoothed(curve.values, smoothing) : curve.values });
  if (!curves.length) return [];
  const start = Math.max(...curves.map(({ steps }) => steps[0]));
  const end = Math.min(...curves.map(({ steps }) => steps[steps.length - 1]));
  if (each || curves.length === 1 || end < start) return curves.map((curve) => line(curve, curves.length > 1 ? curve.label : group.label));
  const sparse = curves.reduce((best, curve) => (curve.steps.length < best.steps.length ? curve : best));
  const steps = sparse.steps.filter((step) => step >= start && step <= end);
  const values = curves.map((curve) => {
    const own = { steps: curve.steps, values: smoothing ? smoothed(curve.values, smoothing) : curve.values };
    return steps.map((step) => valueAt(own, step));
  });
  const column = (place) => values.map((one) => one[place]);
  return [{
    group, name: `${group.label}, ${curves.length} seeds`, steps,
    values: steps.map((_, place) => mean(column(place))),
    low: steps.map((_, place) => Math.min(...column(place))),
    high: steps.map((_, place) => Math.max(...column(place))),
  }];
};

const scaleOf = (low, high, from, to, log) => {
  const apply = log ? Math.log10 : (value) => value;
  const [a, b] = [apply(low), apply(high)];
  return (value) => from + ((apply(value) - a) / (b - a || 1)) * (to - from);
};

// The range of the values without the few of the beginning that would flatten all others.
const rangeOf = (lines) => {
  const all = lines.flatMap((line) => [...(line.low || line.values), ...(line.high || line.values)]);
  const sorted = [...all].sort((a, b) => a - b);
  const low = sorted[0], high = sorted[sorted.length - 1], most = sorted[Math.floor(0.97 * (sorted.length - 1))];
  const top = all.length > 60 && high - low > 4 * (most - low) ? most + 0.1 * (most - low) : high;
  return low === top ? [low - Math.abs(low || 1) * 0.05, top + Math.abs(top || 1) * 0.05] : [low, top];
};

const pathOf = (xs, ys) => xs.map((x, place) => `${place ? "L" : "M"}${x.toFixed(1)} ${ys[place].toFixed(1)}`).join("");

const drawAxes = (drawing, frame, xTicks, yTicks, x, y) => {
  for (const tick of yTicks) {
    drawing.append(element("svg:line", { class: "rule", x1: MARGIN.left, x2: frame.right, y1: y(tick), y2: y(tick) }),
      element("svg:text", { class: "axis", x: MARGIN.left - 6, y: y(tick) + 4, "text-anchor": "end" }, shortNumber(tick)));
  }
  for (const tick of xTicks) {
    const place = Math.min(Math.max(x(tick), MARGIN.left), frame.right);
    drawing.append(element("svg:text", { class: "axis", x: place, y: frame.bottom + 16,
      "text-anchor": place > frame.right - 15 ? "end" : "middle" }, shortNumber(tick)));
  }
};

const drawCurves = (chart, metric, groups, options) => {
  chart.querySelectorAll("svg, .readout").forEach((old) => old.remove());
  const width = Math.max(chart.clientWidth, 240), height = chart.classList.contains("large") ? 360 : 190;
  const lines = groups.flatMap((group) => linesOf(group, metric, options.each, options.smoothing));
  if (!lines.length) return;
  const frame = { right: width - MARGIN.right, bottom: height - MARGIN.bottom };
  const logStep = options.logStep, all = lines.flatMap(({ steps }) => steps);
  const positive = all.filter((step) => step > 0);
  const first = logStep && positive.length ? Math.min(...positive) : Math.min(...all);
  const last = Math.max(...all), [low, high] = rangeOf(lines);
  const logValue = options.logValue && lines.every((line) => Math.min(...(line.low || line.values)) > 0);
  const bottom = logValue ? Math.min(...lines.flatMap((line) => line.low || line.values)) : low;
  const x = scaleOf(first, last, MARGIN.left, frame.right, logStep && first > 0);
  const y = scaleOf(bottom, high, frame.bottom, MARGIN.top, logValue);
  const clamp = (value) => Math.max(MARGIN.top - 2, Math.min(frame.bottom + 2, y(value)));
  const drawing = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img" });
  const xTicks = logStep && first > 0 ? logTicks(first, last) : niceTicks(first, last, Math.max(2, width / 110));
  drawAxes(drawing, frame, xTicks, logValue ? logTicks(bottom, high) : niceTicks(low, high, 4), x, y);
  for (const line of lines) {
    const style = colourStyle(line.group.number), keep = line.steps.map((step) => !logStep || step > 0);
    const pick = (values) => values.filter((_, place) => keep[place]);
    const xs = pick(line.steps).map(x);
    if (line.low) {
      const above = pathOf(xs, pick(line.high).map(clamp)), below = pathOf([...xs].reverse(), pick(line.low).map(clamp).reverse());
      drawing.append(element("svg:path", { class: "band", style, d: `${above}L${below.slice(1)}Z` }));
    } else if (options.smoothing) {
      drawing.append(element("svg:path", { class: "raw", style, d: pathOf(xs, pick(line.raw).map(clamp)) }));
    }
    drawing.append(element("svg:path", { class: "curve", style, d: pathOf(xs, pick(line.values).map(clamp)),
      "stroke-dasharray": line.group.number >= COLOURS ? "6 3" : undefined }));
    if (xs.length < 15) {
      pick(line.values).forEach((value, place) => drawing.append(element("svg:circle", { class: "point", style, cx: xs[place], cy: clamp(value), r: 2.5 })));
    }
  }
  const text = lines.map((line) => `${line.name} ${formatNumber(line.values[line.values.length - 1], 4)}`).join("; ");
  drawing.setAttribute("aria-label", `${metric} by step, at the end: ${text}`);
  chart.append(drawing);
  addReadout(chart, drawing, lines, { x, width, bottom: frame.bottom });
};

const addReadout = (chart, drawing, lines, { x, width, bottom }) => {
  const steps = [...new Set(lines.flatMap((line) => line.steps))].sort((a, b) => a - b);
  const pointer = element("svg:line", { class: "pointer", y1: MARGIN.top, y2: bottom, visibility: "hidden" });
  const readout = element("div", { class: "readout" });
  readout.hidden = true;
  drawing.append(pointer);
  chart.append(readout);
  const move = (event) => {
    const box = drawing.getBoundingClientRect(), place = ((event.clientX - box.left) * width) / box.width;
    const step = steps.reduce((best, one) => (Math.abs(x(one) - place) < Math.abs(x(best) - place) ? one : best));
    const rows = lines.filter((line) => step >= line.steps[0] && step <= line.steps[line.steps.length - 1])
      .map((line) => [valueAt(line, step), line]).sort((a, b) => a[0] - b[0]);
    readout.replaceChildren(element("p", {}, `step ${step.toLocaleString("en")}`), ...rows.slice(0, 12).map(([value, line]) =>
      element("p", {}, dot(line.group.number), `${formatNumber(value, 4)}  ${line.name}`)));
    for (const name of ["x1", "x2"]) pointer.setAttribute(name, x(step));
    pointer.setAttribute("visibility", "visible");
    readout.hidden = false;
    const right = x(step) > width / 2;
    readout.style.left = right ? "" : `${x(step) + 8}px`;
    readout.style.right = right ? `${width - x(step) + 8}px` : "";
  };
  const leave = () => {
    readout.hidden = true;
    pointer.setAttribute("visibility", "hidden");
  };
  drawing.addEventListener("pointermove", move);
  drawing.addEventListener("pointerdown", move);
  drawing.addEventListener("pointerleave", leave);
};

const OVERLAID = 6; // the first colour of histograms in one drawing, apart from those of the first groups

// Histograms of one name drawn over each other: of babble and of speech, say.
const drawHistograms = (chart, histograms, title) => {
  chart.querySelectorAll("svg").forEach((old) => old.remove());
  const width = Math.max(chart.clientWidth, 240), height = 170;
  const frame = { right: width - MARGIN.right, bottom: height - MARGIN.bottom };
  const densities = histograms.map(({ edges, counts }) => {
    const total = counts.reduce((sum, count) => sum + count, 0) || 1;
    return counts.map((count, place) => count / total / (edges[place + 1] - edges[place]));
  });
  const low = Math.min(...histograms.map(({ edges }) => edges[0]));
  const high = Math.max(...histograms.map(({ edges }) => edges[edges.length - 1]));
  const most = Math.max(...densities.flat());
  const x = scaleOf(low, high, MARGIN.left, frame.right, false), y = scaleOf(0, most, frame.bottom, MARGIN.top, false);
  const drawing = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": title });
  drawAxes(drawing, frame, niceTicks(low, high, 5), niceTicks(0, most, 3), x, y);
  histograms.forEach(({ edges, counts }, number) => {
    const parts = [`M${x(edges[0]).toFixed(1)} ${frame.bottom}`];
    counts.forEach((_, place) => parts.push(`V${y(densities[number][place]).toFixed(1)}H${x(edges[place + 1]).toFixed(1)}`));
    drawing.append(element("svg:path", { class: "bars", style: colourStyle(number + OVERLAID), d: `${parts.join("")}V${frame.bottom}Z` }));
  });
  chart.append(drawing);
};
