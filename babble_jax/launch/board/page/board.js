"use strict";
// The board: what is chosen, its sections, and what is new where a server is behind the page.
(() => {
  const EVERY = 3000; // milliseconds between questions to the server
  const FIRST = 4; // runs whose sounds and histograms are shown at first
  const choice = { metric: "", direction: "", hidden: new Set(), large: new Set(), open: new Set(), steps: {}, whole: new Set() };
  let content = null, groups = [], timer = 0;

  const shownGroups = () => groups.filter((group) => !choice.hidden.has(group.label));
  const options = () => ({
    smoothing: Number(byId("smoothing").value), logStep: byId("log-step").checked,
    logValue: byId("log-value").checked, each: byId("each").checked });

  const arrange = () => {
    const byLabel = new Map();
    for (const run of content.runs) {
      if (!byLabel.has(run.group)) byLabel.set(run.group, { label: run.group, number: byLabel.size, runs: [] });
      const group = byLabel.get(run.group);
      group.runs.push(run);
      run.number = group.number;
    }
    groups = [...byLabel.values()];
  };

  const metricNames = () => {
    const curves = new Set(content.runs.flatMap((run) => Object.keys(run.curves)));
    const numbers = new Set(content.runs.flatMap((run) => Object.keys(run.numbers)));
    return [...[...curves].sort(byImportance), ...[...numbers].filter((name) => !curves.has(name))];
  };

  const rank = (name) => {
    const place = ["validation/bits", "validation/loss", "validation/", "train/bits", "train/loss", "judge", "train/", "machine/"].findIndex((start) => name.startsWith(start));
    return place < 0 ? 9 : place;
  };
  const byImportance = (a, b) => rank(a) - rank(b) || a.localeCompare(b);

  const fillLead = () => {
    const states = {};
    for (const run of content.runs) states[run.state] = (states[run.state] || 0) + 1;
    const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`).join(", ");
    byId("lead").textContent = `${counts}; ${groups.length} ${groups.length > 1 ? "groups" : "group"}; the runs of a group differ in their seed alone.`;
    const notes = [`Made at ${content.made.replace("T", " ").replace("+00:00", "")} UTC.`];
    if (content.omitted) notes.push(`${content.omitted} earlier sounds and pictures are left out, so that the page stays small; they lie in the folders of the runs.`);
    byId("footer").textContent = `${notes.join(" ")} Made with babble_jax; the page holds all that it shows and loads nothing.`;
  };

  const fillMetrics = () => {
    const select = byId("metric"), names = metricNames();
    if (!choice.metric) choice.metric = content.metric || names[0] || "";
    if (!choice.direction) choice.direction = content.highest ? "highest" : directionOf(choice.metric);
    select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    select.value = choice.metric;
    byId("direction").value = choice.direction;
  };

  const byScore = (a, b) => {
    const sign = choice.direction === "highest" ? -1 : 1;
    const [first, second] = [a, b].map((run) => scoreOf(run, choice.metric, choice.direction));
    return first === null || second === null ? (first === null) - (second === null) : sign * (first - second);
  };

  const fillTables = () => {
    const rows = fillComparison(byId("compare"), groups, choice.metric, choice.direction);
    const without = content.runs.filter((run) => scoreOf(run, choice.metric, choice.direction) === null);
    const open = content.runs.filter((run) => !without.includes(run) && run.state !== "done");
    const notes = [];
    if (open.length) notes.push(`Not at their end: ${open.map((run) => `${run.label} (${run.state})`).join(", ")}.`);
    if (without.length) notes.push(`Without a value: ${without.map((run) => run.label).join(", ")}.`);
    const quantizers = [...new Set(content.runs.filter((run) => !without.includes(run) && run.quantizer).map((run) => run.quantizer))];
    if (quantizers.length > 1 && /bits|loss|accuracy/.test(choice.metric)) {
      notes.unshift(`${choice.metric} of different quantizers cannot be compared, and these runs have ${quantizers.join(" and ")}.`);
    }
    byId("compare-note").textContent = notes.join(" ");
    const order = new Map(rows.map((row, place) => [row.group.label, place]));
    groups.sort((a, b) => (order.get(a.label) ?? 999) - (order.get(b.label) ?? 999));
    const ordered = [...content.runs].sort(byScore);
    fillRuns(byId("runs"), ordered, choice.metric, choice.direction);
    fillValues(byId("values"), byId("values-note"), ordered, content.differ, byId("all-values").checked);
    byId("summary-section").hidden = !ordered.some((run) => Object.keys(run.summary).length);
    fillSummary(byId("summary"), ordered);
  };

  const fillLegend = () => {
    byId("legend").replaceChildren(...groups.map((group) => {
      const button = element("button", { type: "button", "aria-pressed": String(!choice.hidden.has(group.label)) }, named(group.number, group.label));
      button.addEventListener("click", () => {
        if (!choice.hidden.delete(group.label)) choice.hidden.add(group.label);
        fillLegend();
        drawAll();
      });
      return button;
    }));
  };

  const chartOf = (metric) => {
    const chart = element("div", { class: choice.large.has(metric) ? "chart large" : "chart" });
    const button = element("button", { type: "button", "aria-label": `Enlarge ${metric}`, title: "Larger or smaller" }, "⤢");
    button.addEventListener("click", () => {
      if (!choice.large.delete(metric)) choice.large.add(metric);
      chart.classList.toggle("large");
      chart.draw();
    });
    chart.append(element("h3", {}, element("span", {}, metric), button));
    chart.draw = () => drawCurves(chart, metric, shownGroups(), options());
    return chart;
  };

  // Metrics of one place, TRAIN/NORM of each module, stand in a part that is opened.
  const fillCurves = () => {
    const names = metricNames().filter((name) => content.runs.some((run) => name in run.curves));
    const main = names.filter((name) => name.split("/").length < 3 && !/^(machine|judge)/.test(name));
    const parts = new Map();
    for (const name of names.filter((one) => !main.includes(one))) {
      const place = name.slice(0, name.lastIndexOf("/"));
      parts.set(place, [...(parts.get(place) || []), name]);
    }
    const nodes = [element("div", { class: "grid" }, ...main.map(chartOf))];
    for (const [place, own] of parts) {
      const grid = element("div", { class: "grid" });
      const part = element("details", { open: choice.open.has(place) }, element("summary", {}, `${place}: ${own.length} curves`), grid);
      const open = () => {
        if (!grid.children.length) grid.append(...own.map(chartOf));
        if (part.open) choice.open.add(place); else choice.open.delete(place);
        if (part.open) grid.querySelectorAll(".chart").forEach((chart) => chart.draw());
      };
      part.addEventListener("toggle", open);
      nodes.push(part);
    }
    byId("curves").replaceChildren(...nodes);
    if (!names.length) byId("curves").append(element("p", { class: "note" }, "No run has logged a metric by step yet."));
  };

  const drawAll = () => document.querySelectorAll(".chart").forEach((chart) => chart.offsetParent && chart.draw());

  // Babble beside speech, speaker by speaker: names are sorted by what follows the first dash.
  const bySpeaker = (a, b) => {
    const speaker = ({ name }) => (name.includes("-") ? name.slice(name.indexOf("-")) : "");
    return speaker(a).localeCompare(speaker(b)) || a.name.localeCompare(b.name);
  };

  const voiceOf = (run) => {
    const steps = [...new Set(run.sounds.map((sound) => sound.step))];
    const pair = element("div", { class: "pair" }), buttons = element("div", { class: "steps" }, "step");
    const show = (step) => {
      choice.steps[run.label] = step === steps[steps.length - 1] ? undefined : step;
      const own = run.sounds.filter((sound) => sound.step === step).sort(bySpeaker);
      pair.replaceChildren(...own.map((sound) => player(sound.name, content.media[sound.sound])));
      buttons.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.step === String(step))));
    };
    for (const step of steps) {
      const button = element("button", { type: "button", "data-step": step }, step.toLocaleString("en"));
      button.addEventListener("click", () => show(step));
      buttons.append(button);
    }
    const wanted = choice.steps[run.label];
    show(steps.includes(wanted) ? wanted : steps[steps.length - 1]);
    const score = scoreOf(run, choice.metric, choice.direction);
    const parts = [score === null ? "" : `${choice.metric} ${formatNumber(score, 4)}`, run.group === run.label ? "" : run.group, run.seed && `seed ${run.seed}`];
    return element("div", { class: "voice" },
      element("div", { class: "head" }, element("h3", {}, named(run.number, run.label)), buttons),
      element("p", { class: "note" }, parts.filter(Boolean).join(", ")), pair);
  };

  // The nodes of the best runs, which `make` makes; those of the others when they are asked for.
  const bestFirst = (id, runs, classes, make) => {
    const whole = choice.whole.has(id), first = whole ? runs : runs.slice(0, FIRST), rest = runs.slice(first.length);
    if (!runs.length) return [];
    const grid = element("div", { class: classes }, ...first.flatMap(make));
    if (!rest.length) return [grid];
    const more = element("button", { type: "button", class: "more" }, `Show ${rest.length} more`);
    more.addEventListener("click", () => {
      choice.whole.add(id);
      grid.append(...rest.flatMap(make));
      more.remove();
      drawAll();
    });
    return [grid, more];
  };

  const show = (id, nodes) => {
    byId(`${id}-section`).hidden = !nodes.length;
    byId(id).replaceChildren(...nodes);
  };

  const fillMedia = () => {
    const ordered = [...content.runs].sort(byScore);
    const having = (name) => ordered.filter((run) => run[name].length);
    show("listen", bestFirst("listen", having("sounds"), "voices", voiceOf));
    show("histograms", bestFirst("histograms", having("histograms"), "grid", histogramsOf));
    show("tables", having("tables").map((run, place) => tablesOf(run, place === 0)));
    show("pictures", ordered.flatMap((run) => run.pictures.map((picture) => element("figure", {},
      element("img", { src: `data:image/png;base64,${content.media[picture.picture]}`, alt: `${picture.name} of ${run.label}`, loading: "lazy" }),
      element("figcaption", {}, dot(run.number), `${picture.name}, ${run.label}${picture.step > 0 ? `, step ${picture.step.toLocaleString("en")}` : ""}`)))));
  };

  const tablesOf = (run, open) => {
    const tables = run.tables.map((table) => element("div", { class: "logged" },
      element("h3", {}, `${table.name}${table.step > 1 ? `, step ${table.step.toLocaleString("en")}` : ""}`), loggedTable(table),
      table.omitted ? element("p", { class: "note" }, `${table.omitted.toLocaleString("en")} further rows lie in the run's tables.jsonl.`) : null));
    return element("details", { open }, element("summary", {}, dot(run.number), `${run.label}: ${run.tables.map((table) => table.name).join(", ")}`), ...tables);
  };

  // Histograms LEVELS/BABBLE and LEVELS/SPEECH are one drawing.
  const histogramsOf = (run) => {
    const places = new Map();
    for (const histogram of run.histograms || []) {
      const place = histogram.name.includes("/") ? histogram.name.slice(0, histogram.name.lastIndexOf("/")) : histogram.name;
      places.set(place, [...(places.get(place) || []), histogram]);
    }
    return [...places].map(([place, own]) => {
      const names = own.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
      const chart = element("div", { class: "chart" }, element("h3", {}, element("span", {}, dot(run.number), `${place}, ${run.label}`)),
        element("p", { class: "note" }, ...names.flatMap((name, number) => [dot(number + OVERLAID), `${name} `]), own[0].step ? `at step ${own[0].step.toLocaleString("en")}` : ""));
      chart.draw = () => drawHistograms(chart, own, `${place} of ${run.label}: density of ${names.join(" and ")}`);
      return chart;
    });
  };

  const fill = () => {
    fillLead();
    fillMetrics();
    fillTables();
    fillLegend();
    fillCurves();
    fillMedia();
    drawAll();
    document.body.dataset.ready = "yes";
  };

  const take = (next) => {
    const heard = playing && !playing.paused; // a sound that plays is not taken away
    content = next;
    arrange();
    if (heard) {
      fillLead();
      fillTables();
      fillCurves();
      drawAll();
    } else {
      fill();
    }
  };

  const ask = async (tag) => {
    let next = tag;
    try {
      const answer = await fetch("content.json", { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status === 200) {
        next = answer.headers.get("ETag");
        take(await answer.json());
      }
      byId("status").textContent = `Live: asked at ${new Date().toLocaleTimeString()}.`;
    } catch (error) {
      byId("status").textContent = "The server has ended; the page shows what there was.";
    }
    setTimeout(() => ask(next), EVERY);
  };

  for (const id of ["smoothing", "log-step", "log-value", "each"]) byId(id).addEventListener("input", drawAll);
  byId("metric").addEventListener("input", (event) => {
    choice.metric = event.target.value;
    choice.direction = directionOf(choice.metric);
    fill();
  });
  byId("direction").addEventListener("input", (event) => {
    choice.direction = event.target.value;
    fill();
  });
  byId("all-values").addEventListener("input", fillTables);
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(drawAll, 120);
  });
  take(JSON.parse(byId("content").textContent));
  if (document.body.dataset.live === "yes") ask("");
})();
