// The page's one WebSocket, in a worker of its own so that drawing never holds up the sound.
//
// Blocks come from the worklet by a port and go out as binary frames; frames of the agent go back by the same port.
// The last minute of blocks is kept, so that what was said while the connection was lost is sent when it is back.

const HEADER = 24;
const VERSION = 1;
const FORMAT_INT16 = 1;
const FRAME_SAMPLES = 4096; // at most
const KEPT_SECONDS = 60;
const RETRY = [100, 250, 500, 1000, 2000, 3000]; // milliseconds
const TELL = 1000; // milliseconds between two reports of the network

let url = "";
let hello = null;
let key = null;
let socket = null;
let port = null;
let open = false;
let finished = false;
let tries = 0;
let rate = 16000;
let lostAt = null;
let resumeSeconds = 60;
let sequence = 0;
let blocks = []; // { sample, clock, audio } of the last minute
let sentAt = new Map(); // milliseconds by the end of a block
let trips = [];

const tell = (message) => self.postMessage(message);

self.onmessage = ({ data }) => {
  if (data.type === "open") {
    ({ url, hello } = data);
    rate = hello.sample_rate;
    key = data.key;
    connect();
  } else if (data.type === "sound") {
    port = data.port;
    port.onmessage = ({ data: block }) => capture(block);
  } else if (data.type === "send") {
    if (open) socket.send(JSON.stringify(data.message));
  } else if (data.type === "stop") {
    if (open) socket.send(JSON.stringify({ type: "stop" }));
    else finish();
  } else if (data.type === "drop") {
    if (socket) socket.close(); // for trying what happens when a connection is lost
  }
};

function connect() {
  open = false;
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(JSON.stringify({ ...hello, resume: key }));
  socket.onmessage = ({ data }) => (typeof data === "string" ? obey(JSON.parse(data)) : play(data));
  socket.onclose = ({ code, reason }) => lose(code, reason);
}

function obey(message) {
  if (message.type === "welcome") {
    key = message.key;
    open = true;
    tries = 0;
    resumeSeconds = message.resume_seconds;
    if (message.resumed) catchUp(message.next_sample);
    lostAt = null;
  } else if (message.type === "ended" || message.type === "error") {
    finished = finished || message.type === "ended" || message.code !== 4010;
  }
  tell(message);
}

function lose(code, reason) {
  open = false;
  if (finished) return finish();
  lostAt = lostAt ?? Date.now();
  if (key === null && tries >= 3) {
    finished = true;
    return tell({ type: "error", text: "The server does not answer.", code: 0 });
  }
  if (Date.now() - lostAt > 1000 * resumeSeconds) {
    finished = true;
    return tell({ type: "error", text: "The connection did not come back.", code: 4006 });
  }
  tell({ type: "lost", code, reason });
  setTimeout(connect, RETRY[Math.min(tries++, RETRY.length - 1)]);
}

function finish() {
  if (port) port.close();
  if (socket) socket.close();
  tell({ type: "closed" });
  self.close();
}

function capture(block) {
  blocks.push(block);
  const oldest = block.sample - KEPT_SECONDS * rate;
  while (blocks.length && blocks[0].sample < oldest) blocks.shift();
  if (open) send(block.sample, block.clock, block.audio);
}

function send(sample, clock, audio) {
  const data = new ArrayBuffer(HEADER + 2 * audio.length);
  const view = new DataView(data);
  view.setUint8(0, VERSION);
  view.setUint8(1, FORMAT_INT16);
  view.setUint32(4, sequence++ >>> 0, true);
  view.setBigUint64(8, BigInt(sample), true);
  view.setFloat64(16, clock, true);
  for (let i = 0; i < audio.length; i++) {
    const value = Math.max(-32768, Math.min(32767, Math.round(audio[i] * 32768)));
    view.setInt16(HEADER + 2 * i, value, true);
  }
  socket.send(data);
  sentAt.set(sample + audio.length, performance.now());
  if (sentAt.size > 500) sentAt.delete(sentAt.keys().next().value);
}

// Sends what the server has not, in long frames.
function catchUp(from) {
  const missing = blocks.filter((block) => block.sample + block.audio.length > from);
  while (missing.length) {
    const first = missing[0];
    const parts = [];
    let count = 0;
    while (missing.length && count + missing[0].audio.length <= FRAME_SAMPLES) {
      parts.push(missing.shift().audio);
      count += parts[parts.length - 1].length;
    }
    const audio = new Float32Array(count);
    let at = 0;
    for (const part of parts) {
      audio.set(part, at);
      at += part.length;
    }
    send(first.sample, first.clock, audio);
  }
}

function play(data) {
  const view = new DataView(data);
  const sample = Number(view.getBigUint64(8, true));
  const count = (data.byteLength - HEADER) / 2;
  const audio = new Float32Array(count);
  for (let i = 0; i < count; i++) audio[i] = view.getInt16(HEADER + 2 * i, true) / 32768;
  const then = sentAt.get(sample); // what follows a block is sent as soon as the block is there
  if (then !== undefined) trips.push(performance.now() - then);
  if (port) port.postMessage({ sample, audio }, [audio.buffer]);
}

setInterval(() => {
  if (!trips.length) return;
  trips.sort((a, b) => a - b);
  const at = (share) => Number(trips[Math.min(trips.length - 1, Math.floor(share * trips.length))].toFixed(2));
  tell({ type: "trips", count: trips.length, median: at(0.5), p99: at(0.99), max: at(1) });
  trips = [];
}, TELL);
