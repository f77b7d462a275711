// Both voices on one timeline that scrolls, with the gaps and overlaps at each change of speaker.

const SECONDS = 12; // shown
const KEPT = 30; // seconds that are remembered

export class Timeline {
  constructor(canvas) {
    this.canvas = canvas;
    this.reset();
  }

  reset() {
    this.levels = []; // { at, user, agent, devices } seconds and amplitudes
    this.parts = { user: [], agent: [] }; // [start, end] seconds of speech
    this.marks = []; // { at, seconds, who }
    this.now = 0;
  }

  // Amplitudes of the last 20 ms; the agent's are heard `devices` seconds later.
  addLevel(at, user, agent, devices) {
    this.now = at;
    this.levels.push({ at, user, agent, devices });
    while (this.levels.length && this.levels[0].at < at - KEPT) this.levels.shift();
    for (const who of ["user", "agent"]) {
      while (this.parts[who].length && this.parts[who][0][1] < at - KEPT) this.parts[who].shift();
    }
    while (this.marks.length && this.marks[0].at < at - KEPT) this.marks.shift();
  }

  // Speech of a speaker from `start` to `end`; joined to what it touches.
  addSpeech(who, start, end) {
    const parts = this.parts[who];
    const last = parts[parts.length - 1];
    if (last && start <= last[1] + 0.011) last[1] = Math.max(last[1], end);
    else parts.push([start, end]);
  }

  addMark(who, at, seconds) {
    this.marks.push({ who, at, seconds });
  }

  draw() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const seconds = Math.min(SECONDS, Math.max(5, width / 60));
    const left = Math.max(0, this.now - seconds);
    const x = (at) => ((at - left) / seconds) * width;
    const rows = { user: height * 0.25, agent: height * 0.75 };
    const half = height * 0.2;

    pen.font = "12px system-ui, sans-serif";
    pen.textBaseline = "alphabetic";
    pen.fillStyle = colour("muted");
    pen.strokeStyle = colour("line");
    pen.lineWidth = 1;
    for (let second = Math.ceil(left); second < left + seconds; second++) {
      pen.beginPath();
      pen.moveTo(x(second), 0);
      pen.lineTo(x(second), height);
      pen.stroke();
      if (second % 2 === 0) pen.fillText(`${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}`, x(second) + 3, height - 3);
    }
    for (const mark of this.marks) {
      const [from, to] = [mark.at - Math.max(mark.seconds, 0), mark.at + Math.max(-mark.seconds, 0)];
      pen.globalAlpha = 0.35;
      pen.fillStyle = colour(mark.seconds < 0 ? "overlap" : "gap");
      pen.fillRect(x(from), 0, Math.max(2, x(to) - x(from)), height);
      pen.globalAlpha = 1;
    }
    for (const who of ["user", "agent"]) {
      pen.globalAlpha = 0.22;
      pen.fillStyle = colour(who);
      for (const [start, end] of this.parts[who]) pen.fillRect(x(start), rows[who] - half, x(end) - x(start), 2 * half);
      pen.globalAlpha = 1;
      const bar = Math.max(1, (0.02 / seconds) * width);
      for (const level of this.levels) {
        if (level.at < left) continue;
        const size = Math.min(1, Math.sqrt(level[who]) * 1.6) * half;
        const at = level.at + (who === "agent" ? level.devices : 0);
        pen.fillRect(x(at) - bar, rows[who] - size, bar, Math.max(1, 2 * size));
      }
    }
    pen.font = "600 12px system-ui, sans-serif";
    const free = { user: 0, agent: 0 }; // where the next number of a row may stand
    for (const mark of this.marks) {
      const text = `${mark.seconds < 0 ? "−" : ""}${Math.abs(mark.seconds).toFixed(2)} s`;
      const size = pen.measureText(text).width;
      const at = Math.min(x(mark.at) + 3, width - size - 2);
      if (x(mark.at) < 0 || at < free[mark.who]) continue;
      free[mark.who] = at + size + 6;
      pen.fillStyle = colour(mark.who);
      pen.fillText(text, at, height / 2 + (mark.who === "user" ? -2 : 13));
    }
    pen.font = "12px system-ui, sans-serif";
    for (const [name, y] of [["you", 0], ["it", height / 2]]) {
      pen.fillStyle = colour("page");
      pen.fillRect(0, y, pen.measureText(name).width + 8, 17);
      pen.fillStyle = colour("text");
      pen.fillText(name, 4, y + 13);
    }
  }
}
