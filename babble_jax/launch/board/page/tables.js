"use strict";
// Tables: of the comparison, of runs, of values, and of what runs logged.
const headRow = (names) => element("thead", {}, element("tr", {}, ...names.map(([text, kind]) =>
  element("th", { scope: "col", class: kind }, text))));

const directionOf = (metric) => (/accuracy|gain|share|per_second|peak|likelihood/.test(metric) ? "highest" : "lowest");

// The best value of a metric of a run, by step or of its result; null without one.
const scoreOf = (run, metric, direction) => {
  if (metric in run.numbers) return run.numbers[metric];
  const curve = run.curves[metric];
  return curve ? (direction === "highest" ? curve.max : curve.min) : null;
};

const compareGroups = (groups, metric, direction) => {
  const rows = groups.map((group) => {
    const scores = group.runs.map((run) => [run.seed, scoreOf(run, metric, direction)]).filter(([, score]) => score !== null);
    return { group, scores: scores.map(([, score]) => score), bySeed: new Map(scores) };
  }).filter((row) => row.scores.length);
  const sign = direction === "highest" ? -1 : 1;
  return rows.sort((a, b) => sign * (mean(a.scores) - mean(b.scores)));
};

const rangePicture = (row, low, high) => {
  const x = (value) => 6 + (132 * (value - low)) / (high - low || 1), drawing = element("svg:svg", {
    class: "range", viewBox: "0 0 144 22", style: colourStyle(row.group.number), "aria-hidden": "true" });
  drawing.append(element("svg:line", { class: "track", x1: 2, x2: 142, y1: 11, y2: 11 }));
  for (const score of row.scores) drawing.append(element("svg:line", { x1: x(score), x2: x(score), y1: 5, y2: 17 }));
  drawing.append(element("svg:circle", { cx: x(mean(row.scores)), cy: 11, r: 4.5 }));
  return drawing;
};

const signed = (value, digits = 3) => `${value >= 0 ? "+" : "−"}${formatNumber(Math.abs(value), digits)}`;

const fillComparison = (table, groups, metric, direction) => {
  const rows = compareGroups(groups, metric, direction), all = rows.flatMap((row) => row.scores);
  const low = Math.min(...all), high = Math.max(...all);
  const body = rows.map((row, place) => {
    const pairs = [...row.bySeed].filter(([seed]) => place && rows[0].bySeed.has(seed)).map(([seed, score]) => score - rows[0].bySeed.get(seed));
    const spread = deviation(pairs);
    const paired = pairs.length ? `${signed(mean(pairs))}${spread === null ? "" : ` (sd ${formatNumber(spread, 2)}, ${pairs.length} seeds)`}` : "";
    return element("tr", {},
      element("th", { scope: "row", class: place ? "sticky" : "sticky best" }, named(row.group.number, row.group.label)),
      element("td", {}, formatNumber(mean(row.scores))), element("td", {}, formatNumber(deviation(row.scores), 2)),
      element("td", {}, row.scores.length > 1 ? `${formatNumber(Math.min(...row.scores))} to ${formatNumber(Math.max(...row.scores))}` : ""),
      element("td", {}, row.scores.length), element("td", {}, paired), element("td", {}, rangePicture(row, low, high)));
  });
  table.replaceChildren(
    headRow([["group"], ["mean"], ["sd"], ["range"], ["seeds"], ["difference to the first"], [`${shortNumber(low)} to ${shortNumber(high)}`]]),
    element("tbody", {}, ...body));
  return rows;
};

const fillRuns = (table, runs, metric, direction) => {
  const scores = runs.map((run) => scoreOf(run, metric, direction)).filter((score) => score !== null);
  const best = direction === "highest" ? Math.max(...scores) : Math.min(...scores);
  const host = runs.some((run) => run.host), time = runs.some((run) => run.seconds);
  const body = runs.map((run) => {
    const score = scoreOf(run, metric, direction);
    return element("tr", {},
      element("th", { scope: "row", class: "sticky" }, named(run.number, run.label)),
      element("td", { class: `text ${run.state}`, title: run.message }, run.state),
      element("td", {}, formatNumber(run.step)), element("td", { class: score === best ? "best" : undefined }, formatNumber(score)),
      time ? element("td", {}, formatSeconds(run.seconds)) : null, host ? element("td", { class: "text" }, run.host) : null,
      element("td", {}, run.seed), element("td", { class: "text" }, run.group));
  });
  const names = [["run"], ["state", "text"], ["step"], [metric || "best"]];
  if (time) names.push(["time"]);
  if (host) names.push(["host", "text"]);
  table.replaceChildren(headRow([...names, ["seed"], ["group", "text"]]), element("tbody", {}, ...body));
};

// A table with a column for each run; `valueOf` gives its text of a name.
const fillByRun = (table, runs, names, valueOf, colours) => {
  const head = element("tr", {}, element("th", { class: "sticky" }, ""), ...runs.map((run) => {
    const place = run.label.lastIndexOf("/") + 1;
    return element("th", { scope: "col" }, dot(run.number), run.label.slice(0, place), place ? element("br") : null, run.label.slice(place));
  }));
  const body = names.map((name) => element("tr", {}, element("th", { scope: "row", class: "sticky" }, name), ...runs.map((run) => {
    const value = valueOf(run, name), other = colours && value !== valueOf(runs[0], name);
    return element("td", { class: other ? "other" : undefined, title: value.length > 30 ? value : undefined },
      value.length > 30 ? `${value.slice(0, 14)}…${value.slice(-14)}` : value);
  })));
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
};

const fillValues = (table, note, runs, differ, all) => {
  const names = new Set(differ);
  if (all) runs.forEach((run) => Object.keys(run.values).forEach((name) => names.add(name)));
  note.textContent = names.size ? "Coloured: other than in the first run, the best." : "All runs have the same values.";
  table.replaceChildren();
  if (names.size) fillByRun(table, runs, [...names], (run, name) => run.values[name] ?? "", true);
};

const fillSummary = (table, runs) => {
  const shown = runs.filter((run) => Object.keys(run.summary).length);
  const names = [...new Set(shown.flatMap((run) => Object.keys(run.summary)))];
  fillByRun(table, shown, names, (run, name) => run.summary[name] ?? "", false);
};

// A table that a run logged; a click on a heading sorts by it.
const loggedTable = ({ columns, rows }) => {
  const table = element("table", {}), body = element("tbody", {});
  const fill = (ordered) => body.replaceChildren(...ordered.map((row) => element("tr", {}, ...row.map((cell) =>
    element("td", { class: typeof cell === "number" ? undefined : "text" }, formatNumber(cell))))));
  let column = -1, sign = 1;
  const sort = (number) => {
    sign = number === column ? -sign : 1;
    column = number;
    fill([...rows].sort((a, b) => sign * (typeof a[number] === "number" && typeof b[number] === "number"
      ? a[number] - b[number] : String(a[number]).localeCompare(String(b[number])))));
  };
  const head = columns.map((name, number) => {
    const button = element("button", { type: "button", title: "Sort by this column" }, name);
    button.addEventListener("click", () => sort(number));
    return element("th", { scope: "col", class: typeof (rows[0] || [])[number] === "number" ? undefined : "text" }, button);
  });
  fill(rows);
  table.append(element("thead", {}, element("tr", {}, ...head)), body);
  return element("div", { class: "wide", tabindex: "0" }, table);
};
