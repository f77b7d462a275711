// Microphone, audio context and worklet; what the browser tells about its devices; the loopback measurement.

export class AudioFault extends Error {
  constructor(kind, text) {
    super(text);
    this.kind = kind;
  }
}

// What the microphone is asked for: a browser's processing falsifies energy and cuts overlap.
function constraints(mode) {
  const loud = mode === "loudspeaker";
  const known = navigator.mediaDevices.getSupportedConstraints();
  const echo = loud && known.echoCancellation ? { ideal: "all" } : loud;
  const ask = { echoCancellation: echo, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  return { audio: ask };
}

async function openMicrophone(mode) {
  if (!navigator.mediaDevices || !window.AudioWorkletNode) {
    throw new AudioFault("unsupported", "no microphone or AudioWorklet");
  }
  const wanted = constraints(mode);
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    if (error instanceof TypeError || error.name === "OverconstrainedError") {
      wanted.audio.echoCancellation = mode === "loudspeaker"; // a browser that does not know "all"
      return navigator.mediaDevices.getUserMedia(wanted).catch(refuse);
    }
    return refuse(error);
  }
}

function refuse(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") throw new AudioFault("denied", error.message);
  if (error.name === "NotFoundError") throw new AudioFault("no-microphone", error.message);
  throw new AudioFault("microphone-fault", error.message);
}

export class Audio {
  // Opens microphone and context; `rate` is the agent's, `onMessage` takes the worklet's messages.
  static async open({ mode, rate, block, delay, onMessage, onLost }) {
    const audio = new Audio();
    audio.stream = await openMicrophone(mode);
    audio.track = audio.stream.getAudioTracks()[0];
    audio.track.onended = onLost;
    audio.context = new AudioContext({ latencyHint: "interactive" }); // the native rate: Firefox takes no other
    await audio.context.audioWorklet.addModule("/page/worklet.js");
    audio.node = new AudioWorkletNode(audio.context, "babble-talk", {
      outputChannelCount: [2],
      processorOptions: { rate, block, delay },
    });
    audio.waiting = null;
    audio.node.port.onmessage = ({ data }) => {
      if (data.type === "chirp") audio.waiting?.(data.recorded);
      else onMessage(data);
    };
    audio.context.createMediaStreamSource(audio.stream).connect(audio.node);
    audio.node.connect(audio.context.destination);
    await audio.context.resume();
    return audio;
  }

  start(network) {
    this.node.port.postMessage({ type: "start", network }, [network]);
  }

  stop() {
    this.node.port.postMessage({ type: "stop" });
  }

  close() {
    this.node.port.postMessage({ type: "quit" });
    this.track.onended = null;
    for (const track of this.stream.getTracks()) track.stop();
    return this.context.close();
  }

  // Flat values for the passport of the session.
  describe() {
    const settings = this.track.getSettings();
    const names = ["sampleRate", "channelCount", "latency", "echoCancellation", "noiseSuppression", "autoGainControl"];
    const values = { microphone: this.track.label, context_rate: this.context.sampleRate, browser: navigator.userAgent };
    for (const name of names) values[`microphone_${name}`] = settings[name] ?? null;
    return { ...values, ...this.latency() };
  }

  latency() {
    const { context } = this;
    const stamp = context.getOutputTimestamp ? context.getOutputTimestamp() : {};
    const statistics = context.playbackStats ?? context.playoutStats;
    const values = {
      base_latency: context.baseLatency ?? null,
      output_latency: context.outputLatency ?? null,
      context_time: context.currentTime,
      stamp_context_time: stamp.contextTime ?? null,
      stamp_performance_time: stamp.performanceTime ?? null,
    };
    if (statistics) {
      const text = statistics.toJSON ? statistics.toJSON() : {};
      for (const [name, value] of Object.entries(text)) values[`playback_${name}`] = value;
    }
    return values;
  }

  // Seconds from the microphone to the ear that the devices add, as the browser estimates them.
  estimatedDelay() {
    const settings = this.track.getSettings();
    return (this.context.baseLatency || 0) + (this.context.outputLatency || 0) + (settings.latency || 0);
  }

  // Plays a chirp and finds it in what the microphone hears; returns seconds, or null where it is not heard.
  async measureLoop() {
    const rate = this.context.sampleRate;
    const chirp = makeChirp(rate);
    const recorded = await new Promise((resolve) => {
      this.waiting = resolve;
      this.node.port.postMessage({ type: "chirp", sound: chirp, frames: Math.round(0.8 * rate) });
    });
    this.waiting = null;
    const found = findChirp(recorded, chirp);
    return found === null ? null : found / rate;
  }
}

// 60 ms from 1 to 5 kHz, with soft edges.
export function makeChirp(rate) {
  const length = Math.round(0.06 * rate);
  const chirp = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const t = i / rate;
    const phase = 2 * Math.PI * (1000 * t + (4000 / 0.12) * t * t);
    chirp[i] = 0.5 * Math.sin(phase) * Math.sin((Math.PI * i) / length) ** 2;
  }
  return chirp;
}

// The frame at which a chirp begins in a recording; null where nothing stands out.
export function findChirp(recorded, chirp) {
  const lags = recorded.length - chirp.length;
  const score = new Float32Array(Math.max(lags, 0));
  let best = 0;
  let power = 0;
  for (let lag = 0; lag < lags; lag++) {
    let sum = 0;
    for (let i = 0; i < chirp.length; i++) sum += chirp[i] * recorded[lag + i];
    score[lag] = Math.abs(sum);
    power += sum * sum;
    if (score[lag] > score[best]) best = lag;
  }
  const level = Math.sqrt(power / Math.max(lags, 1));
  return lags > 0 && score[best] > 6 * level && score[best] > 1e-4 ? best : null;
}
