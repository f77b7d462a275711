// The sound of the page: microphone to blocks at the agent's rate, the agent's blocks to the loudspeaker.
//
// One clock, that of the audio context. The agent's sample n is heard `delay` after the user's sample n was captured,
// whatever the network does meanwhile. A block that comes too late makes the delay grow by a step; it shrinks again
// while the agent is silent and the blocks come early. Sound fades at every break.

const ZERO_CROSSINGS = 16; // of the low-pass on either side: 1 ms at 16 kHz
const CUTOFF = 0.92; // of the lower Nyquist frequency
const RING = 1 << 16; // samples, 4 s at 16 kHz
const FADE = 0.005; // seconds
const STEP = 0.02; // seconds by which the delay changes
const MOST_DELAY = 0.24;
const CALM = 20; // seconds without a late block after which the delay may shrink
const LEVEL_SECONDS = 0.02;

const gcd = (a, b) => (b ? gcd(b, a % b) : a);

// Filters of a change of rate, one for each phase; `reach` input samples on either side.
function polyphase(rate, to) {
  const divisor = gcd(rate, to);
  const phases = to / divisor;
  const scale = Math.min(1, to / rate) * CUTOFF;
  const reach = Math.ceil((ZERO_CROSSINGS * Math.max(rate, to)) / to);
  const filters = [];
  for (let phase = 0; phase < phases; phase++) {
    const filter = new Float32Array(2 * reach);
    let sum = 0;
    for (let tap = 0; tap < 2 * reach; tap++) {
      const x = tap - reach + 1 - phase / phases; // input samples from the output's moment
      const arc = Math.PI * scale * x;
      const window = Math.abs(x) < reach ? 0.5 + 0.5 * Math.cos((Math.PI * x) / reach) : 0;
      filter[tap] = (Math.abs(arc) < 1e-9 ? 1 : Math.sin(arc) / arc) * window;
      sum += filter[tap];
    }
    filters.push(filter.map((value) => value / sum));
  }
  return { phases, step: rate / divisor, reach, filters };
}

// Resamples a stream; output n is at input n * rate / to, nothing is shifted.
class Downsampler {
  constructor(rate, to) {
    this.bank = rate === to ? null : polyphase(rate, to);
    this.line = new Float32Array(0); // input from `first` on
    this.first = 0;
    this.output = 0; // number of the next output
    if (this.bank) {
      this.line = new Float32Array(this.bank.reach);
      this.first = -this.bank.reach;
    }
  }

  push(input) {
    if (!this.bank) return input.slice();
    const { phases, step, reach, filters } = this.bank;
    const line = new Float32Array(this.line.length + input.length);
    line.set(this.line);
    line.set(input, this.line.length);
    const result = [];
    for (;;) {
      const ahead = this.output * step;
      const centre = Math.floor(ahead / phases);
      const start = centre - reach + 1 - this.first;
      if (start + 2 * reach > line.length) break;
      const filter = filters[ahead % phases];
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) sum += filter[tap] * line[start + tap];
      result.push(sum);
      this.output++;
    }
    const next = Math.floor((this.output * step) / phases) - reach + 1;
    const cut = Math.max(0, Math.min(next - this.first, line.length));
    this.line = line.slice(cut);
    this.first += cut;
    return Float32Array.from(result);
  }
}

// The agent's samples by their number; gives the sound of a moment, or silence where it has not come.
class Playback {
  constructor(rate, to, firstDelay) {
    this.bank = rate === to ? { phases: 1, step: 1, reach: 1, filters: [new Float32Array([1, 0])] } : polyphase(rate, to);
    this.rate = rate;
    this.to = to;
    this.ring = new Float32Array(RING);
    this.end = 0; // the first sample that has not come
    this.frame = 0; // of the context since the user's first sample
    this.started = false;
    this.gain = 0;
    this.least = Math.round(firstDelay * to); // context frames
    this.delay = this.least;
    this.starved = 0; // context frames since the sound ran out; 0 while it has not
    this.margin = Infinity; // least seconds by which a block came early, since `calm` began
    this.calm = 0;
    this.late = 0;
    this.underruns = 0;
    this.holes = 0;
  }

  // The agent's sample that is played now, with its fraction.
  position() {
    return ((this.frame - this.delay) * this.rate) / this.to;
  }

  push(sample, audio) {
    const now = this.position();
    const margin = (sample + audio.length - now) / this.rate - audio.length / this.rate;
    this.margin = Math.min(this.margin, margin);
    if (sample > this.end && this.started) this.mendHole(sample, audio, now);
    if (sample < this.end) {
      audio = audio.subarray(Math.min(this.end - sample, audio.length));
      sample = this.end;
    }
    for (let i = 0; i < audio.length; i++) this.ring[(sample + i) & (RING - 1)] = audio[i];
    if (sample + audio.length < now) this.late++;
    this.end = Math.max(this.end, sample + audio.length);
    this.started = true;
  }

  // Samples before `sample` were passed over: silence, with a fade on either side.
  mendHole(sample, audio, now) {
    this.holes++;
    const fade = Math.round(FADE * this.rate);
    for (let i = 0; i < fade && i < audio.length; i++) audio[i] *= i / fade;
    for (let i = 1; i <= fade && this.end - i > now; i++) this.ring[(this.end - i) & (RING - 1)] *= (i - 1) / fade;
    for (let i = Math.max(this.end, sample - RING); i < sample; i++) this.ring[i & (RING - 1)] = 0;
  }

  // Fills a block of output; returns whether the delay was changed.
  pull(output) {
    const { phases, step, reach, filters } = this.bank;
    const slope = 1 / (FADE * this.to);
    let changed = false;
    let silent = true;
    for (let i = 0; i < output.length; i++, this.frame++) {
      const ahead = (this.frame - this.delay) * step;
      const centre = Math.floor(ahead / phases);
      const here = this.started && centre >= 0 && centre + reach < this.end;
      this.gain = Math.max(0, Math.min(1, this.gain + (here ? slope : -slope)));
      if (this.started && centre >= 0 && !here) {
        if (this.starved++ === 0) this.underruns++;
      } else if (here && this.starved) {
        // Jitter, no lost connection: a longer delay would have bridged it.
        if (this.starved < 0.5 * this.to) changed = this.change(Math.ceil(this.starved / this.to / STEP)) || changed;
        this.starved = 0;
      }
      if (this.gain === 0 || centre < 0) {
        output[i] = 0;
        continue;
      }
      const filter = filters[((ahead % phases) + phases) % phases];
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) {
        const index = centre - reach + 1 + tap;
        if (index >= 0 && index < this.end) sum += filter[tap] * this.ring[index & (RING - 1)];
      }
      output[i] = sum * this.gain;
      if (sum !== 0) silent = false;
    }
    this.calm += output.length / this.to;
    if (silent && this.calm > CALM) {
      if (this.margin > 2 * STEP && this.starved === 0) changed = this.change(-1) || changed;
      this.calm = 0;
      this.margin = Infinity;
    }
    return changed;
  }

  change(steps) {
    const before = this.delay;
    const size = Math.round(STEP * this.to);
    const most = Math.round(MOST_DELAY * this.to);
    this.delay = Math.max(this.least, Math.min(most, this.delay + steps * size));
    if (this.delay !== before) this.gain = 0; // fades in at the new place
    this.calm = 0;
    this.margin = Infinity;
    return this.delay !== before;
  }
}

class Talk extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.rate = processorOptions.rate;
    this.block = processorOptions.block;
    this.firstDelay = processorOptions.delay;
    this.levelFrames = Math.round(LEVEL_SECONDS * sampleRate);
    this.network = null;
    this.running = false;
    this.chirp = null;
    this.reset();
    this.port.onmessage = ({ data }) => this.obey(data);
  }

  reset() {
    this.down = new Downsampler(sampleRate, this.rate);
    this.playback = new Playback(this.rate, sampleRate, this.firstDelay);
    this.pending = new Float32Array(this.block);
    this.filled = 0;
    this.sample = 0;
    this.began = currentFrame; // of the user's first sample
    this.level = { user: 0, agent: 0, peak: 0, frames: 0, at: 0 };
  }

  obey(message) {
    if (message.type === "start") {
      this.reset();
      this.network = message.network;
      this.network.onmessage = ({ data }) => this.playback.push(data.sample, data.audio);
      this.running = true;
    } else if (message.type === "stop") {
      this.running = false;
      if (this.network) this.network.close();
      this.network = null;
    } else if (message.type === "chirp") {
      this.chirp = { sound: message.sound, played: 0, recorded: new Float32Array(message.frames), filled: 0 };
    } else if (message.type === "quit") {
      this.quit = true;
    }
  }

  process(inputs, outputs) {
    const output = outputs[0];
    const sound = output[0];
    const microphone = inputs[0] && inputs[0][0] ? inputs[0][0] : new Float32Array(sound.length);
    if (this.chirp) this.measure(microphone, sound);
    else if (this.running) this.talk(microphone, sound);
    this.meter(microphone, sound);
    for (let channel = 1; channel < output.length; channel++) output[channel].set(sound);
    return !this.quit;
  }

  talk(microphone, sound) {
    for (const value of this.down.push(microphone)) {
      this.pending[this.filled++] = value;
      if (this.filled === this.block) {
        const clock = (this.began + (this.sample * sampleRate) / this.rate) / sampleRate;
        const audio = this.pending;
        this.network.postMessage({ sample: this.sample, clock, audio }, [audio.buffer]);
        this.pending = new Float32Array(this.block);
        this.sample += this.block;
        this.filled = 0;
      }
    }
    if (this.playback.pull(sound)) this.tellDelay();
  }

  tellDelay() {
    this.port.postMessage({ type: "delay", seconds: this.playback.delay / sampleRate, sample: this.sample });
  }

  // Plays a chirp and records what comes back.
  measure(microphone, sound) {
    const { chirp } = this;
    for (let i = 0; i < sound.length; i++) sound[i] = chirp.played < chirp.sound.length ? chirp.sound[chirp.played++] : 0;
    const count = Math.min(microphone.length, chirp.recorded.length - chirp.filled);
    chirp.recorded.set(microphone.subarray(0, count), chirp.filled);
    chirp.filled += count;
    if (chirp.filled === chirp.recorded.length) {
      this.port.postMessage({ type: "chirp", recorded: chirp.recorded }, [chirp.recorded.buffer]);
      this.chirp = null;
    }
  }

  meter(microphone, sound) {
    const { level } = this;
    for (let i = 0; i < sound.length; i++) {
      level.user += microphone[i] * microphone[i];
      level.agent += sound[i] * sound[i];
      level.peak = Math.max(level.peak, Math.abs(microphone[i]));
    }
    level.frames += sound.length;
    if (level.frames < this.levelFrames) return;
    const { playback } = this;
    this.port.postMessage({
      type: "level",
      seconds: this.running ? (currentFrame - this.began) / sampleRate : null,
      user: Math.sqrt(level.user / level.frames),
      agent: Math.sqrt(level.agent / level.frames),
      peak: level.peak,
      underruns: playback.underruns,
      late: playback.late,
      holes: playback.holes,
      delay: playback.delay / sampleRate,
      margin: Number.isFinite(playback.margin) ? playback.margin : null,
    });
    this.level = { user: 0, agent: 0, peak: 0, frames: 0 };
  }
}

registerProcessor("babble-talk", Talk);
