// Offsets so far, yours and its, over those of people.

const LOW = -1.5; // seconds
const HIGH = 2.0;
const BIN = 0.1;
const FEW = 20; // offsets, up to which each adds as much to its bar

export class Histogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.people = null;
    this.reset();
  }

  reset() {
    this.offsets = { user: [], agent: [] };
  }

  add(who, seconds) {
    this.offsets[who].push(seconds);
  }

  median(who) {
    const sorted = [...this.offsets[who]].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    if (!sorted.length) return null;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  density(values) {
    const bins = new Array(Math.round((HIGH - LOW) / BIN)).fill(0);
    for (const value of values) {
      const bin = Math.floor((value - LOW) / BIN + 1e-9);
      if (bin >= 0 && bin < bins.length) bins[bin] += 1 / (Math.max(values.length, FEW) * BIN);
    }
    return bins;
  }

  draw() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const bottom = height - 34;
    const x = (seconds) => ((seconds - LOW) / (HIGH - LOW)) * width;
    const rows = ["user", "agent"].map((who) => [who, this.density(this.offsets[who])]);
    const people = this.people ? this.people.density : [];
    const most = Math.max(0.5, ...people, ...rows.flatMap(([, bins]) => bins));
    const y = (density) => bottom - (density / most) * (bottom - 18);

    if (this.people) {
      const { edges, density } = this.people;
      pen.beginPath();
      pen.moveTo(x(edges[0]), bottom);
      density.forEach((value, i) => {
        pen.lineTo(x(edges[i]), y(value));
        pen.lineTo(x(edges[i + 1]), y(value));
      });
      pen.lineTo(x(edges[edges.length - 1]), bottom);
      pen.fillStyle = colour("people");
      pen.fill();
    }
    rows.forEach(([who, bins], row) => {
      pen.fillStyle = colour(who);
      bins.forEach((value, i) => {
        const slot = (BIN / (HIGH - LOW)) * width;
        if (value > 0) pen.fillRect(x(LOW + i * BIN) + 1 + (row * slot) / 2, y(value), slot / 2 - 1.5, bottom - y(value));
      });
    });
    pen.strokeStyle = colour("muted");
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(x(0), 0);
    pen.lineTo(x(0), bottom);
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(0, bottom);
    pen.lineTo(width, bottom);
    pen.stroke();
    pen.fillStyle = colour("muted");
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "center";
    for (const tick of [-1, -0.5, 0, 0.5, 1, 1.5]) pen.fillText(`${tick} s`.replace("-", "−"), x(tick), bottom + 14);
    pen.textAlign = "left";
    pen.fillText("← begins before the other ends", 2, bottom + 30);
    pen.textAlign = "right";
    pen.fillText("waits →", width - 2, bottom + 30);
    pen.textAlign = "left";
  }
}
