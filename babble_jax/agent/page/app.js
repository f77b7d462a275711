// The page: its states, and what it shows. Sound is in worklet.js, the connection in network.js.

import { Audio, AudioFault } from "./audio.js";
import { Histogram } from "./histogram.js";
import { Timeline } from "./timeline.js";

const BLOCK_SECONDS = 0.02;
const REPORT = 5000; // milliseconds between two entries of the passport
const UNHEARD_SECONDS = 15; // without a word of the user until the page asks for their microphone
const PASSING_SECONDS = 15; // that a note of a slow machine or of a connection stays

// Name, label, what the ends mean, least and greatest position, step, and the value of a position.
const NOTCHES = 20;
const factor = { of: (notch) => 5 ** (notch / NOTCHES), to: (value) => NOTCHES * (Math.log(value) / Math.log(5)) };
const plain = { of: (value) => value, to: (value) => value };
const KNOBS = [
  ["patience", "Patience while you talk", "takes the floor soon", "waits long", -NOTCHES, NOTCHES, 1, factor],
  ["firmness", "Firmness while it talks", "stops at once", "talks on", -NOTCHES, NOTCHES, 1, factor],
  ["backchannels", "Short “mm”s while you talk", "none", "many", 0, 3, 0.1, plain],
  ["shift", "Answers earlier or later", "earlier", "later", -0.5, 1, 0.05, plain],
];
const knobs = {}; // values by name

const $ = (id) => document.getElementById(id);
const timeline = new Timeline($("timeline"));
const histogram = new Histogram($("histogram"));

let about = {};
let state = "start";
let audio = null;
let worker = null;
let welcome = null;
let loop = null; // seconds, measured by the chirp
let delay = 0; // seconds between the user's sample and the agent's, in the page
let seconds = 0; // of the conversation
let passingUntil = 0;
let lastNote = null; // of the program about what it hears
let spoken = false; // whether the user has been heard yet
let answered = false; // whether one has followed the other yet
let report = null;
let lastLevel = {};

const HELP = {
  unsupported: ["This browser cannot do it.", "Use a current Firefox, Chrome, Edge or Safari, and open the address that begins with http://127.0.0.1 or https://."],
  denied: ["The microphone is not allowed.", "Without your voice there is no conversation. Click on the sign beside the address (a lock, a microphone or a slider), allow the microphone for this page, and press the button again."],
  "no-microphone": ["There is no microphone.", "Plug one in, or switch it on, and press the button again."],
  "microphone-fault": ["The microphone does not answer.", "Another program may be using it. Close that program, or choose another microphone in the settings of your system, and press the button again."],
  4001: ["This address lacks its key.", "Open the whole address that the program printed when it was started, with all that stands behind the #."],
  4002: ["This page and its program do not fit together.", "Reload the page."],
  4003: ["It is talking to somebody else.", "It holds one conversation at a time. Try again when that is over."],
  4005: ["This computer's sound runs faster than time.", "Close other programs that use the sound, and press the button again."],
  4006: ["The conversation is over.", "The connection was lost for too long. What was recorded until then is saved. Press the button for a new conversation."],
  4007: ["The recording cannot be written.", "The disk may be full. What was recorded until then is saved. Make room, and press the button again."],
  4009: ["The program has stopped because of an error.", "The window in which it was started says more. What was recorded until then is saved."],
  0: ["The program does not answer.", "Is it still running? Start it again with babble live, and reload this page."],
};

const UNHEARD = ["It has not heard you yet.", "Speak up. If the bar of your voice does not move, the microphone is switched off, or another one is chosen in your browser or your system."];

function show(next, text = "", help = "") {
  state = next;
  document.body.dataset.state = next;
  const running = next === "live" || next === "lost";
  const busy = next === "asking" || next === "connecting";
  $("talk").textContent = running ? "Stop" : busy ? "One moment …" : welcome ? "Talk again" : "Start talking";
  $("talk").setAttribute("aria-disabled", busy || (!running && consentMissing())); // `disabled` would lose the focus
  $("status").textContent = text;
  $("help").hidden = !help;
  $("help").textContent = help;
  $("modes").disabled = running || busy;
  $("chirp").disabled = running || busy;
  $("meter-row").hidden = !running;
}

function fault(kind, detail = "") {
  const [text, help] = HELP[kind] ?? ["Something went wrong.", detail];
  show("fault", text, help);
}

const consentMissing = () => Boolean(about.consent) && !$("consent-box").checked;
const mode = () => document.querySelector("input[name=mode]:checked").value;
const format = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)} s`;

async function start() {
  show("asking", "Please allow the microphone.");
  try {
    audio = await openAudio();
    show("connecting", "It is getting ready.");
    await connect();
  } catch (error) {
    await closeAudio();
    fault(error instanceof AudioFault ? error.kind : "error", String(error.message ?? error));
  }
}

const openAudio = () =>
  Audio.open({
    mode: mode(),
    rate: about.sample_rate,
    block: Math.round(BLOCK_SECONDS * about.sample_rate),
    delay: about.buffer,
    onMessage: hear,
    onLost: () => stop("The microphone was unplugged."),
  });

const outputDelay = () => Math.min(2, Math.max(0, delay + (loop ?? audio.estimatedDelay())));

function connect() {
  delay = about.buffer;
  lastNote = null;
  spoken = answered = false;
  seconds = passingUntil = 0;
  timeline.reset();
  histogram.reset();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const channel = new MessageChannel();
  worker = new Worker("/page/network.js");
  worker.onmessage = ({ data }) => obey(data, channel.port1);
  worker.postMessage({ type: "sound", port: channel.port2 }, [channel.port2]);
  worker.postMessage({
    type: "open",
    url: `${scheme}://${location.host}/ws`,
    key: null,
    hello: {
      type: "hello",
      version: 1,
      token: decodeURIComponent(location.hash.slice(1)),
      sample_rate: about.sample_rate,
      output_delay: outputDelay(),
      mode: mode(),
      consent: $("consent-box").checked,
      passport: { ...audio.describe(), loop_delay: loop, page_delay: delay },
    },
  });
}

function obey(message, port) {
  if (message.type === "welcome") greet(message, port);
  else if (message.type === "hops") follow(message);
  else if (message.type === "offsets") message.offsets.forEach(count);
  else if (message.type === "behind") slow(`The program was too slow and let ${message.milliseconds} ms pass without an answer.`);
  else if (message.type === "warning") slow(message.text);
  else if (message.type === "lost" && state !== "fault" && welcome && audio) show("lost", "The connection is lost. It is being tried again; keep this page open. What you say meanwhile is kept.");
  else if (message.type === "trips") technical({ "time to the program and back": `${message.median} ms, 99 % under ${message.p99} ms, longest ${message.max} ms` });
  else if (message.type === "ended") finish(message.text, message.code);
  else if (message.type === "error" && message.code !== 4010) fail(message);
}

function greet(message, port) {
  if (!message.resumed) {
    welcome = message;
    histogram.people = about.people ?? null;
    audio.start(port);
    $("live").hidden = $("offsets").hidden = false;
    $("after").hidden = true;
    if (Object.entries(knobs).some(([name, value]) => value !== about.knobs[name])) sendKnobs();
    describePeople();
    clearInterval(report);
    report = setInterval(sendReport, REPORT);
    draw();
  }
  if (message.resumed) pass("The connection is back. Nothing was lost.");
  else settle();
  describeRecording(message.folder);
}

function fail(message) {
  const lasting = welcome !== null && audio !== null && state !== "connecting";
  closeAudio();
  fault(message.code, message.text);
  if (lasting) offerRecording();
}

function stop(text = "") {
  if (worker) worker.postMessage({ type: "stop" });
  show("connecting", text || "The recording is being finished.");
}

function finish(text, code) {
  closeAudio();
  if (code === 1000) show("ended", "The conversation is over.");
  else fault(code, text);
  offerRecording();
}

async function closeAudio() {
  clearInterval(report);
  report = null;
  if (!audio) return;
  const closing = audio;
  audio = null;
  closing.stop();
  await closing.close();
}

// What the worklet says, 50 times a second.
function hear(message) {
  if (!audio) return;
  if (message.type === "delay") {
    delay = message.seconds;
    worker?.postMessage({ type: "send", message: { type: "delay", output_delay: outputDelay(), sample: message.sample } });
    return;
  }
  lastLevel = message;
  if (message.seconds === null || state === "connecting") return;
  seconds = message.seconds;
  timeline.addLevel(seconds, message.user, message.agent, outputDelay() - delay);
  if (state === "live" && passingUntil && performance.now() > passingUntil) {
    passingUntil = 0;
    settle();
  }
}

// What the program says about the last hops: who speaks.
function follow({ hop, user_from: userFrom, agent_from: agentFrom, user, agent, note }) {
  const first = !spoken && user.some((speech) => speech >= 0.5);
  const unheard = !spoken && !first && seconds > UNHEARD_SECONDS;
  spoken ||= first;
  const changed = note !== lastNote || first || (unheard && !$("status").textContent.startsWith(UNHEARD[0]));
  lastNote = note;
  if (changed && state === "live" && !passingUntil) settle();
  user.forEach((speech, i) => {
    if (speech >= 0.5) timeline.addSpeech("user", userFrom + i * hop, userFrom + (i + 1) * hop);
  });
  agent.forEach((kind, i) => {
    if (kind) timeline.addSpeech("agent", agentFrom + (i * hop) / 2, agentFrom + ((i + 1) * hop) / 2);
  });
}

// What a conversation shows while nothing is wrong with the machine.
function settle() {
  if (lastNote) show("live", "Your microphone hears the babbler.", lastNote);
  else if (answered) show("live", "You are talking. Press Stop when you have had enough.");
  else if (!spoken && seconds > UNHEARD_SECONDS) show("live", ...UNHEARD);
  else show("live", "It is listening. Say something.");
}

function count({ who, at, seconds: offset }) {
  if (!answered) {
    answered = true;
    if (state === "live" && !passingUntil) settle();
  }
  timeline.addMark(who, at, offset);
  histogram.add(who, offset);
  const values = histogram.offsets[who];
  $(`${who}-count`).textContent = values.length;
  $(`${who}-median`).textContent = format(histogram.median(who));
  $(`${who}-overlap`).textContent = `${Math.round((100 * values.filter((value) => value < 0).length) / values.length)} %`;
  const name = who === "user" ? "You" : "It";
  const other = who === "user" ? "it" : "you";
  $("last").textContent =
    offset < 0 ? `${name} began ${format(-offset)} before ${other} had ended.` : `${name} began ${format(offset)} after ${other} had ended.`;
  histogram.draw();
}

const slow = (text) => pass("This machine is slow just now.", `${text} Close other programs if this happens often.`);

// Shows something that goes away by itself.
function pass(text, help = "") {
  passingUntil = performance.now() + 1000 * PASSING_SECONDS;
  show("live", text, help);
}

function describePeople() {
  const { people } = about;
  if (!people) return;
  $("people-median").textContent = format(people.median);
  $("people-overlap").textContent = `${Math.round(100 * people.below_zero)} %`;
  $("people-note").textContent = `The grey shape shows those of real conversations (${people.name}).`;
  histogram.draw();
}

function describeRecording(folder) {
  const where = folder ?? about.folder;
  const machine = about.local ? "this computer" : "the computer that shows this page";
  $("recorded").textContent = where
    ? `While you talk, both voices and their times are recorded on ${machine}, in ${where}, and sent nowhere else. You can download or delete the recording as soon as you stop; or delete that folder.`
    : "Nothing is recorded.";
}

function offerRecording() {
  const { folder } = welcome ?? {};
  if (!folder) return;
  $("after").hidden = false;
  $("after-text").textContent = `Both voices and their times are in ${folder}.`;
  $("after-status").textContent = "";
  $("download").disabled = $("delete").disabled = false;
}

const recording = (method) => fetch("/recording", { method, headers: { authorization: `Bearer ${welcome.key}` } });

async function download() {
  $("after-status").textContent = "It is being packed.";
  const answer = await recording("GET").catch(() => null);
  if (!answer?.ok) {
    $("after-status").textContent = answer ? await answer.text() : "The program does not answer; the folder is still there.";
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = /filename="(.+)"/.exec(answer.headers.get("content-disposition"))?.[1] ?? "conversation.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  $("after-status").textContent = "It is in your downloads: sound, times of both speakers, every decision.";
}

async function remove() {
  if (!window.confirm("Delete this recording for good?")) return;
  const answer = await recording("DELETE").catch(() => null);
  const done = Boolean(answer?.ok);
  $("after-status").textContent = done ? "The recording is deleted." : "It could not be deleted; delete the folder by hand.";
  $("download").disabled = $("delete").disabled = done;
}

function makeKnobs() {
  for (const [name, label, low, high, least, most, step, scale] of KNOBS) {
    const row = document.createElement("div");
    row.className = "knob";
    row.innerHTML = `<label for="knob-${name}"></label><output id="value-${name}" for="knob-${name}"></output>
      <input type="range" id="knob-${name}" min="${least}" max="${most}" step="${step}">
      <span class="ends note"><span></span><span></span></span>`;
    row.querySelector("label").textContent = label;
    const [left, right] = row.querySelectorAll(".ends span");
    [left.textContent, right.textContent] = [low, high];
    const input = row.querySelector("input");
    input.oninput = () => {
      knobs[name] = Number(scale.of(Number(input.value)).toFixed(3));
      showKnob(name);
    };
    input.onchange = sendKnobs;
    $("knobs").append(row);
  }
  neutral();
}

function showKnob(name) {
  const text = name === "shift" ? format(knobs[name]) : `× ${knobs[name].toFixed(2)}`;
  $(`value-${name}`).textContent = text;
  $(`knob-${name}`).setAttribute("aria-valuetext", text);
}

function sendKnobs() {
  if (state === "live" || state === "connecting") worker?.postMessage({ type: "send", message: { type: "knobs", ...knobs } });
}

function neutral() {
  for (const [name, , , , , , , scale] of KNOBS) {
    knobs[name] = about.knobs[name];
    $(`knob-${name}`).value = scale.to(knobs[name]);
    showKnob(name);
  }
  sendKnobs();
}

async function chirp() {
  $("chirp").disabled = true;
  $("talk").setAttribute("aria-disabled", true);
  $("chirp-status").textContent = "Listening …";
  try {
    const measuring = await openAudio();
    await new Promise((resolve) => setTimeout(resolve, 500)); // devices need a moment
    const values = [];
    for (let i = 0; i < 3; i++) values.push(await measuring.measureLoop());
    await measuring.close();
    const heard = values.filter((value) => value !== null).sort((a, b) => a - b);
    if (heard.length < 2 || heard[heard.length - 1] - heard[0] > 0.01) {
      $("chirp-status").textContent = "The chirp was not heard clearly. Turn the volume up, hold the headphones closer, and try again.";
    } else {
      loop = heard[heard.length >> 1];
      $("chirp-status").textContent = `Your devices add ${Math.round(1000 * loop)} ms. This is taken into account from the next conversation on.`;
      technical({ "delay of your devices, measured": `${Math.round(1000 * loop)} ms` });
    }
  } catch (error) {
    const [text, help] = HELP[error.kind] ?? ["It could not be measured.", String(error.message ?? error)];
    $("chirp-status").textContent = `${text} ${help}`;
  }
  $("chirp").disabled = false;
  $("talk").setAttribute("aria-disabled", consentMissing());
}

function sendReport() {
  if (!audio) return;
  const { underruns, late, holes, margin } = lastLevel;
  const values = { ...audio.latency(), page_delay: delay, underruns, late, holes, margin };
  worker?.postMessage({ type: "send", message: { type: "notice", values } });
  const device = loop === null ? `${Math.round(1000 * audio.estimatedDelay())} ms, estimated by the browser` : `${Math.round(1000 * loop)} ms, measured`;
  technical({
    "delay in this page": `${Math.round(1000 * delay)} ms`,
    "delay of your devices": device,
    "breaks in its sound": `${underruns}`,
  });
}

function technical(values) {
  for (const [name, value] of Object.entries(values)) {
    let row = [...$("technical").querySelectorAll("dt")].find((term) => term.textContent === name);
    if (!row) {
      row = document.createElement("dt");
      row.textContent = name;
      $("technical").append(row, document.createElement("dd"));
    }
    row.nextElementSibling.textContent = value;
  }
}

function draw() {
  if (!audio) return;
  timeline.draw();
  const decibels = 20 * Math.log10(Math.max(lastLevel.user ?? 0, 1e-5));
  $("meter").value = Math.max(0, Math.min(1, (decibels + 60) / 60));
  $("meter-text").textContent = lastLevel.peak > 0.99 ? "too loud" : decibels < -55 ? "silent" : "";
  requestAnimationFrame(draw);
}

function redraw() {
  timeline.draw();
  histogram.draw();
}

async function load() {
  try {
    const answer = await fetch("/about");
    about = await answer.json();
  } catch {
    fault(0);
    return;
  }
  if (about.consent) {
    $("consent").hidden = false;
    $("consent-text").textContent = about.consent;
  }
  if (!navigator.mediaDevices || !window.AudioWorkletNode || !window.isSecureContext) {
    fault("unsupported");
    $("talk").setAttribute("aria-disabled", true);
    return;
  }
  technical({ "sound that may wait in the program": `${Math.round(1000 * about.limit)} ms, then it is passed over` });
  if (about.adjustable) makeKnobs();
  $("adjust").hidden = !about.adjustable;
  describeRecording(null);
  show("start");
}

function press() {
  if (!about.sample_rate) window.location.reload();
  else if (state === "live" || state === "lost") stop();
  else if (consentMissing()) $("status").textContent = "Please read the text above, and agree to it first.";
  else if ($("talk").getAttribute("aria-disabled") !== "true") start();
}

$("talk").onclick = press;
$("consent-box").onchange = () => show(state, $("status").textContent);
$("modes").onchange = () => ($("loud-note").hidden = mode() !== "loudspeaker");
$("chirp").onclick = chirp;
$("neutral").onclick = neutral;
$("download").onclick = download;
$("delete").onclick = remove;
window.addEventListener("resize", redraw);
window.addEventListener("pagehide", () => worker?.postMessage({ type: "stop" }));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
load();
