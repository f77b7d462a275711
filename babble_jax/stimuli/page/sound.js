// Sound: all files of a list are loaded before the first trial, decoded one ahead, and played at a known time of the
// audio clock. Times of keys are brought onto that clock where the sound leaves the computer, so that a reaction time
// holds neither the delay of the output nor that of the page.
"use strict";

const LEAD = 0.15; // seconds between the order to play and the sound

Babble.sounds = new Map(); // encoded files by name
Babble.receive = (file, text) => Babble.sounds.set(file, Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

Babble.Sound = class {
  constructor(experiment) {
    this.experiment = experiment;
    this.decoded = new Map();
    this.context = null;
  }

  // Browsers allow sound only from within a key press or a click.
  async open() {
    const Context = window.AudioContext || window.webkitAudioContext;
    this.context ??= new Context({ latencyHint: "interactive" });
    if (this.context.state !== "running") await this.context.resume();
  }

  async load(files, progress) {
    const unique = [...new Set(files)];
    for (const [i, file] of unique.entries()) {
      progress(i, unique.length);
      if (!Babble.sounds.has(file)) await this.loadOne(file);
    }
    progress(unique.length, unique.length);
  }

  async loadOne(file) {
    // A page from the disk may not fetch its neighbours, but it may run their scripts: each sound is one, too.
    if (location.protocol !== "file:") {
      try {
        const answer = await fetch(file.split("/").map(encodeURIComponent).join("/"));
        if (answer.ok) return Babble.sounds.set(file, await answer.arrayBuffer());
      } catch { /* the script below */ }
    }
    await new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = this.experiment.sounds[file];
      script.onload = script.onerror = () => { script.remove(); resolve(); };
      document.head.append(script);
    });
    if (!Babble.sounds.has(file)) throw new Error(file);
    return null;
  }

  decode(file) {
    if (!this.decoded.has(file)) {
      if (this.decoded.size > 2) this.decoded.delete(this.decoded.keys().next().value);
      const bytes = Babble.sounds.get(file).slice(0); // decoding takes the buffer away
      this.decoded.set(file, new Promise((resolve, reject) => this.context.decodeAudioData(bytes, resolve, reject)));
    }
    return this.decoded.get(file);
  }

  // Plays and returns the audio clock at the first sample, and a promise of the moment after the last one is heard; it
  // gives false where the sound stops halfway.
  play(buffer) {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.context.destination);
    const start = this.context.currentTime + LEAD;
    source.start(start);
    this.stop();
    this.source = source;
    const finished = new Promise((resolve) => {
      const watchdog = setTimeout(() => resolve(false), 1000 * (LEAD + buffer.duration + 3));
      source.onended = () => {
        clearTimeout(watchdog);
        const rest = start + buffer.duration - this.heardAt(performance.now());
        setTimeout(() => resolve(this.source === source), Math.max(0, 1000 * rest));
      };
    });
    return { start, finished };
  }

  stop() {
    const source = this.source;
    this.source = null;
    if (source) source.stop();
  }

  // The audio clock at the loudspeaker at a time of performance.now(), seconds.
  heardAt(milliseconds) {
    const stamp = this.stamp();
    if (stamp) return stamp.contextTime + (milliseconds - stamp.performanceTime) / 1000;
    return this.context.currentTime - (this.context.outputLatency || 0) + (milliseconds - performance.now()) / 1000;
  }

  // How the clock is read: "output" by the browser's own stamp, "estimate" by its stated latency.
  stamp() {
    const stamp = this.context.getOutputTimestamp?.();
    const late = stamp ? this.context.currentTime - stamp.contextTime : Infinity;
    return stamp && stamp.performanceTime > 0 && stamp.contextTime > 0 && late > -0.1 && late < 1 ? stamp : null;
  }

  describe() {
    return {
      output_latency_ms: (1000 * (this.context.outputLatency ?? this.context.baseLatency ?? 0)).toFixed(1),
      output_rate_hz: this.context.sampleRate,
      clock: this.stamp() ? "output" : "estimate",
    };
  }

  // Noise with about the spectrum and the syllables of speech, at the level of the sounds: left, right, both.
  makeCheck() {
    const { level_db: level, channels } = this.experiment;
    const rate = this.context.sampleRate;
    const parts = channels > 1 ? [[1, 0], [0, 1], [1, 1]] : [[1, 1]];
    const size = Math.round(rate * (channels > 1 ? 1.2 : 2.4));
    const buffer = this.context.createBuffer(2, size * parts.length, rate);
    const random = Babble.random(1);
    const noise = new Float32Array(size);
    let low = 0;
    let high = 0;
    let power = 0;
    const a = 1 - Math.exp((-2 * Math.PI * 500) / rate);
    const b = 1 - Math.exp((-2 * Math.PI * 80) / rate);
    for (let i = 0; i < size; i += 1) {
      low += a * (2 * random() - 1 - low);
      high += b * (low - high);
      noise[i] = (low - high) * (0.5 - 0.5 * Math.cos((2 * Math.PI * 4 * i) / rate)) ** 0.5;
      power += noise[i] ** 2;
    }
    const gain = 10 ** (level / 20) / Math.sqrt(power / size);
    parts.forEach((sides, part) => sides.forEach((on, side) => {
      const channel = buffer.getChannelData(side);
      for (let i = 0; on && i < size; i += 1) {
        const ramp = Math.min(1, i / (0.05 * rate), (size - i) / (0.05 * rate));
        channel[part * size + i] = Math.max(-1, Math.min(1, gain * ramp * noise[i]));
      }
    }));
    return buffer;
  }
};
