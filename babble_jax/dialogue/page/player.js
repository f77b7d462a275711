"use strict";
// The timeline of a dialogue: rows of some seconds, drawn as SVG, and a cursor that runs with the sound.
(() => {
  const dialogue = JSON.parse(document.getElementById("dialogue").textContent);
  const sound = document.getElementById("sound");
  const timeline = document.getElementById("timeline");
  const now = document.getElementById("now");
  const SVG = "http://www.w3.org/2000/svg";
  const UNITS = 100; // of a drawing, per second; its height is 200, a speaker's track 100
  const ROWS = [5, 10, 20, 30];
  let rowSeconds = 0, strips = [];

  const element = (name, attributes, text) => {
    const node = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const rectangle = (start, end, row, attributes) => {
    const left = Math.max(start, row), right = Math.min(end, row + rowSeconds);
    return right <= left ? null : element("svg:rect", {
      x: UNITS * (left - row), width: UNITS * (right - left), ...attributes });
  };

  const waveform = (speaker, row) => {
    const rate = dialogue.columns_per_second, peaks = dialogue.waveform[speaker];
    const middle = 50 + 100 * speaker, parts = [];
    for (let column = Math.floor(row * rate); column < Math.min((row + rowSeconds) * rate, peaks.length); column++) {
      if (!peaks[column]) continue;
      const x = UNITS * (column / rate - row), half = 0.4 * peaks[column];
      parts.push(`M${x.toFixed(1)} ${(middle - half).toFixed(1)}h${UNITS / rate}v${(2 * half).toFixed(1)}h-${UNITS / rate}z`);
    }
    return element("svg:path", { d: parts.join(""), class: `wave-${speaker}` });
  };

  const draw = () => {
    const width = timeline.clientWidth;
    const longest = ROWS.reduce((best, value) => (width / value >= 30 ? value : best), ROWS[0]);
    const seconds = Math.min(longest, dialogue.seconds); // a single row spans its dialogue
    if (seconds === rowSeconds) return;
    rowSeconds = seconds;
    strips = [];
    timeline.replaceChildren();
    for (let row = 0; row < dialogue.seconds; row += rowSeconds) {
      const line = element("div", { class: "row" });
      const names = element("div", { class: "names", "aria-hidden": "true" });
      names.append(...dialogue.speakers.map((name) => element("span", { title: name }, name)));
      const strip = element("div", { class: "strip" });
      const drawing = element("svg:svg", {
        viewBox: `0 0 ${UNITS * rowSeconds} 200`, preserveAspectRatio: "none", "aria-hidden": "true" });
      for (const [kind, start, end] of dialogue.transitions) {
        const band = rectangle(start, end, row, { y: 0, height: 200, class: kind });
        if (band) drawing.append(band);
      }
      for (const [speaker, start, end] of dialogue.ipus) {
        const block = rectangle(start, end, row, { y: 100 * speaker + 8, height: 84, rx: 4, class: `block-${speaker}` });
        if (block) drawing.append(block);
      }
      drawing.append(...dialogue.speakers.map((_, speaker) => waveform(speaker, row)));
      const ticks = element("div", { class: "ticks", "aria-hidden": "true" });
      const step = rowSeconds > 10 ? 5 : rowSeconds > 5 ? 2 : 1;
      for (let time = row; time < Math.min(row + rowSeconds, dialogue.seconds + 1e-6); time += step) {
        ticks.append(element("span", { style: `left:${(100 * (time - row)) / rowSeconds}%` }, `${time} s`));
      }
      const cursor = element("div", { class: "cursor" });
      cursor.hidden = true;
      strip.append(drawing, ticks, cursor);
      line.append(names, strip);
      timeline.append(line);
      strips.push({ strip, cursor, row });
    }
    show();
  };

  const describe = (time) => {
    const speaking = dialogue.ipus.filter(([, start, end]) => start <= time && time < end)
      .map(([speaker]) => dialogue.speakers[speaker]);
    return speaking.length ? `${[...new Set(speaking)].join(" and ")}` : "silence";
  };

  const show = () => {
    const time = Math.min(sound.currentTime, dialogue.seconds);
    for (const { cursor, row } of strips) {
      const inside = time >= row && (time < row + rowSeconds || row + rowSeconds >= dialogue.seconds);
      cursor.hidden = !inside;
      if (inside) cursor.style.left = `${(100 * (time - row)) / rowSeconds}%`;
    }
    const text = `${time.toFixed(1)} s: ${describe(time)}`;
    now.textContent = text;
    timeline.setAttribute("aria-valuemin", "0");
    timeline.setAttribute("aria-valuemax", dialogue.seconds.toFixed(1));
    timeline.setAttribute("aria-valuenow", time.toFixed(1));
    timeline.setAttribute("aria-valuetext", text);
  };

  const run = () => {
    show();
    if (!sound.paused && !sound.ended) requestAnimationFrame(run);
  };

  const seek = (time) => {
    sound.currentTime = Math.max(0, Math.min(time, dialogue.seconds));
    show();
  };

  const toggle = () => (sound.paused ? sound.play() : sound.pause());

  timeline.addEventListener("click", (event) => {
    const target = strips.find(({ strip }) => strip.contains(event.target));
    if (!target) return;
    const box = target.strip.getBoundingClientRect();
    seek(target.row + (rowSeconds * (event.clientX - box.left)) / box.width);
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === sound) return;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    const onTimeline = event.target === timeline;
    if (event.key === " " || event.key === "k") {
      toggle();
    } else if (event.key in moves && (onTimeline || event.key.startsWith("Arrow"))) {
      seek(sound.currentTime + moves[event.key]);
    } else if (onTimeline && event.key === "ArrowUp") {
      seek(sound.currentTime + 1);
    } else if (onTimeline && event.key === "ArrowDown") {
      seek(sound.currentTime - 1);
    } else {
      return;
    }
    event.preventDefault();
  });

  sound.addEventListener("play", run);
  for (const name of ["pause", "seeking", "seeked", "ended", "timeupdate", "loadedmetadata"]) sound.addEventListener(name, show);
  window.addEventListener("resize", draw);
  draw();
  document.body.dataset.ready = "yes";
})();
