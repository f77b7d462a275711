// The experiment: its screens in order, one question for each sound, and a row of results for each answer.
"use strict";

(() => {
  const PAUSE = 700; // milliseconds from an answer to the next sound, without its lead
  const EVENT_KEYS = { space: " ", left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown", enter: "Enter" };
  const SCREENS = ["fault", "start", "consent", "declined", "level", "message", "trial", "end"];
  const say = Babble.say;
  const $ = (id) => document.getElementById(id);
  const address = new URLSearchParams(location.search);
  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const pressed = (id) => new Promise((resolve) => $(id).addEventListener("click", resolve, { once: true }));

  const experiment = Babble.experiment;
  let results = null;
  let sound = null;
  let session = null;
  let list = null;
  let answering = null; // takes a key or a button while a sound plays or its question stands
  let timesHidden = 0;

  function show(screen, focus = null) {
    document.body.dataset.state = screen;
    for (const name of SCREENS) $(`screen-${name}`).hidden = name !== screen;
    window.scrollTo(0, 0);
    if (focus) $(focus).focus({ preventScroll: true });
  }

  function fault(text, help) {
    $("fault-text").textContent = text;
    $("fault-help").textContent = help;
    show("fault");
  }

  async function message(title, text, button, state) {
    $("message-title").textContent = title;
    $("message-text").replaceChildren(...text);
    $("message-next").textContent = button;
    show("message", "message-next");
    document.body.dataset.message = state;
    await pressed("message-next");
  }

  // Start

  function choose(participant) {
    const earlier = results.find(participant);
    if (earlier) return earlier;
    const stated = address.get("list");
    const number = stated === null ? Babble.chooseList(participant, experiment.lists.length) + 1 : Number(stated);
    const seed = address.has("seed") ? Number(address.get("seed")) : Babble.chooseSeed(experiment, participant);
    const { name } = experiment.lists[number - 1];
    return { participant, list: number, list_file: name, seed, begun: new Date().toISOString(), rows: [] };
  }

  const steps = (one) => Babble.arrange(experiment, experiment.lists[one.list - 1], one.seed);
  const isName = (text) => /^[\p{L}\p{N}_-]{1,40}$/u.test(text);

  function describeStart() {
    const participant = $("participant").value.trim();
    const valid = isName(participant);
    $("participant").setAttribute("aria-invalid", participant !== "" && !valid);
    let note = "";
    if (valid) {
      const one = choose(participant);
      const all = steps(one).length;
      const values = { participant, list: one.list, lists: experiment.lists.length, trials: all, done: one.rows.length, all };
      const kind = one.rows.length === 0 ? "listNote" : one.rows.length < all ? "resumeNote" : "finishedNote";
      note = say(kind, values);
    }
    $("participant-note").textContent = results.stores ? note : `${note} ${say("noStorage")}`;
  }

  function describeStored() {
    const every = results.all();
    $("stored").hidden = !every.length;
    $("stored-list").textContent = every.map((one) => say("storedLine", {
      participant: one.participant, list: one.list, done: one.rows.length, all: steps(one).length,
      begun: one.begun.slice(0, 16).replace("T", " "),
    })).join("\n");
  }

  async function start() {
    $("participant").value = address.get("participant") ?? address.get("PROLIFIC_PID") ?? "";
    $("participant").addEventListener("input", describeStart);
    $("stored-download").addEventListener("click", () =>
      Babble.download(Babble.fileName(experiment), results.csv(results.all())));
    $("stored-delete").addEventListener("click", () => {
      if (confirm(say("storedConfirm"))) results.forget();
      describeStored();
      describeStart();
    });
    describeStart();
    describeStored();
    show("start", "participant");
    await new Promise((resolve) => $("start-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (isName($("participant").value.trim())) resolve();
    }));
    session = choose($("participant").value.trim());
    list = experiment.lists[session.list - 1];
  }

  async function consent() {
    if (!experiment.consent || session.consent) return true;
    $("consent-text").textContent = experiment.consent;
    show("consent", "agree");
    const agreed = await Promise.race([pressed("agree").then(() => true), pressed("decline").then(() => false)]);
    if (agreed) session.consent = new Date().toISOString();
    else show("declined");
    return agreed;
  }

  // Sound check; meanwhile the sounds are loaded

  async function level(files) {
    $("level-text").textContent = say(experiment.channels > 1 ? "levelTextStereo" : "levelText");
    $("level-done").disabled = true;
    show("level", "level-play");
    let loaded = false;
    let played = false;
    const ready = () => { // from then on the same key goes on
      if (!loaded || !played) return;
      $("level-done").disabled = false;
      if ([$("level-play"), document.body].includes(document.activeElement)) $("level-done").focus({ preventScroll: true });
    };
    $("level-play").onclick = async () => {
      await sound.open();
      sound.play(sound.makeCheck());
      played = true;
      ready();
    };
    await sound.load(files, (done, all) => {
      $("loading").textContent = done < all ? say("loading", { done, all }) : say("loaded");
    });
    loaded = true;
    ready();
    await pressed("level-done");
    sound.stop();
  }

  function listKeys() {
    const keys = document.createElement("dl");
    keys.className = "keys";
    for (const { key, label } of experiment.keys) {
      const term = document.createElement("dt");
      const name = document.createElement("kbd");
      const text = document.createElement("dd");
      name.textContent = Babble.keyNames[key] ?? key.toUpperCase();
      text.textContent = label;
      term.append(name);
      keys.append(term, text);
    }
    return keys;
  }

  // Trials

  function makeAnswers() {
    $("answers").replaceChildren(...experiment.keys.map(({ key, label }) => {
      const button = document.createElement("button");
      const name = document.createElement("kbd");
      const text = document.createElement("span");
      button.type = "button";
      button.dataset.key = key;
      button.tabIndex = -1;
      name.textContent = Babble.keyNames[key] ?? key.toUpperCase();
      text.textContent = label;
      button.append(text, name);
      button.addEventListener("pointerdown", (event) => answering?.(key, event.pointerType || "pointer", event.timeStamp));
      button.addEventListener("click", (event) => { // of a screen reader; a finger or a mouse was there before
        if (event.detail === 0) answering?.(key, "button", event.timeStamp);
      });
      return button;
    }));
  }

  const matches = (name, event) =>
    (EVENT_KEYS[name] ?? name).toLocaleLowerCase() === event.key.toLocaleLowerCase();

  function ask() {
    $("prompt").textContent = experiment.text;
    $("answers").classList.remove("waiting");
    document.body.dataset.asked = "yes";
  }

  // Plays a sound and waits for the answer; null where the sound broke off.
  async function present(buffer, row, seconds) {
    $("prompt").textContent = say("listen");
    $("answers").classList.add("waiting");
    document.body.dataset.asked = "no";
    for (const button of $("answers").children) button.classList.remove("pressed");
    if (experiment.early) ask();
    show("trial", "screen-trial");
    const before = timesHidden - Number(document.hidden);
    const { start: begun, finished } = sound.play(buffer);
    const opens = experiment.early ? begun : begun + seconds;
    let early = 0;
    const answer = new Promise((resolve) => {
      answering = (key, input, stamp) => {
        const at = sound.heardAt(stamp);
        if (at < opens) early += 1;
        else resolve({ key, input, at, stamp });
      };
    });
    const broken = new Promise((resolve) => finished.then((complete) => (complete ? ask() : resolve(null))));
    const given = await Promise.race([answer, broken]);
    answering = null;
    if (!given) return null;
    sound.stop();
    const clock = performance.timeOrigin + given.stamp; // milliseconds of the wall clock at the answer
    const rt = 1000 * (given.at - begun);
    const turn = parseFloat(row.turn_onset_ms);
    return {
      response_key: given.key,
      response: experiment.keys.find(({ key }) => key === given.key).label,
      rt_from_end_ms: (rt - 1000 * seconds).toFixed(1),
      rt_from_turn_ms: Number.isNaN(turn) ? "" : (rt - turn).toFixed(1),
      rt_from_start_ms: rt.toFixed(1),
      early_keys: early,
      input: given.input,
      sound_begun: new Date(clock - rt).toISOString(),
      answered: new Date(clock).toISOString(),
      hidden: timesHidden - before,
    };
  }

  async function runTrial(step, following, done, all) {
    const row = Object.fromEntries(list.columns.map((name, i) => [name, list.rows[step.place][i]]));
    $("progress-text").textContent = say(step.phase === "practice" ? "practice" : "trial", { done, all });
    $("progress").max = all;
    $("progress").value = done - 1;
    const buffer = await sound.decode(list.base + row.file);
    const stated = parseFloat(row.duration_ms) / 1000; // a decoder may add silence
    const seconds = stated > 0 ? Math.min(stated, buffer.duration) : buffer.duration;
    if (following) sound.decode(list.base + list.rows[following.place][list.columns.indexOf("file")]);
    let replays = 0;
    let given = await present(buffer, row, seconds);
    while (!given) {
      replays += 1;
      await message(say("interruptedTitle"), [say("interruptedText")], say("goOn"), "interrupted");
      await sound.open();
      given = await present(buffer, row, seconds);
    }
    const page = {
      participant: session.participant, list: session.list, list_file: session.list_file, session_begun: session.begun,
      consent: session.consent ?? "", seed: session.seed, order: session.rows.length + 1, phase: step.phase, ...given, replays, ...sound.describe(),
      browser: navigator.userAgent, experiment: experiment.id,
    };
    session.rows.push({ list: row, page });
    results.keep(session);
    for (const button of $("answers").children) button.classList.toggle("pressed", button.dataset.key === given.response_key);
    $("progress").value = done;
    await wait(PAUSE / 2);
    $("answers").classList.add("waiting");
    $("prompt").textContent = "";
    await wait(PAUSE / 2);
  }

  async function trials(sequence) {
    makeAnswers();
    const practice = sequence.filter(({ phase }) => phase === "practice").length;
    const test = sequence.length - practice;
    const done = session.rows.length;
    const text = [experiment.instructions || say("instructions", { trials: test })];
    const add = (line) => text.push(document.createElement("br"), document.createElement("br"), line);
    if (practice && done < practice) add(say("practiceNote", { practice }));
    add(experiment.text);
    text.push(listKeys());
    await message(say("instructionsTitle"), text, say("begin"), "instructions");
    for (let i = done; i < sequence.length; i += 1) {
      const number = i - practice; // of the trial in the test, from 0
      if (practice && number === 0) await message(say("testTitle"), [say("testText", { trials: test })], say("goOn"), "test");
      else if (experiment.break_every && number > 0 && number % experiment.break_every === 0 && i > done) {
        await message(say("breakTitle"), [say("breakText", { done: number, all: test })], say("goOn"), "break");
      }
      const [at, all] = number < 0 ? [i + 1, practice] : [number + 1, test];
      await runTrial(sequence[i], sequence[i + 1], at, all);
    }
  }

  function end() {
    const file = Babble.fileName(experiment, session);
    const save = () => Babble.download(file, results.csv([session]));
    $("end-text").textContent = experiment.thanks ? `${experiment.thanks}\n\n` : "";
    $("end-text").append(say("endText", { participant: session.participant, file }));
    $("end-note").textContent = say(results.stores ? "endKept" : "endNotKept");
    $("download").addEventListener("click", save);
    $("next-participant").addEventListener("click", () => {
      location.href = location.href.split(/[?#]/)[0];
    });
    show("end", "download");
    window.onbeforeunload = null;
    save();
  }

  async function run() {
    document.documentElement.lang = Babble.language;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
    if (!experiment) return fault(say("noTrials"), say("noTrialsHelp"));
    document.title = experiment.title;
    $("title").textContent = experiment.title;
    if (!(window.AudioContext || window.webkitAudioContext)) return fault(say("noAudio"), say("noAudioHelp"));
    const stated = address.get("list");
    if (stated !== null && !experiment.lists[Number(stated) - 1]) {
      return fault(say("noList"), say("noListHelp", { list: stated, lists: experiment.lists.length }));
    }
    results = new Babble.Results(experiment);
    sound = new Babble.Sound(experiment);
    document.addEventListener("visibilitychange", () => { timesHidden += Number(document.hidden); });
    document.addEventListener("keydown", (event) => {
      if (event.repeat && event.key === "Enter") event.preventDefault(); // a key held down presses no further button
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !answering) return;
      const key = experiment.keys.find((one) => matches(one.key, event));
      if (!key) return;
      event.preventDefault();
      answering(key.key, "key", event.timeStamp);
    });
    await start();
    const sequence = steps(session);
    if (session.rows.length < sequence.length) {
      if (!(await consent())) return null;
      window.onbeforeunload = (event) => event.preventDefault();
      const files = sequence.slice(session.rows.length).map(({ place }) => list.base + list.rows[place][list.columns.indexOf("file")]);
      try {
        await level(files);
      } catch (error) {
        window.onbeforeunload = null;
        return fault(say("noSound", { file: error.message }), say("noSoundHelp"));
      }
      await trials(sequence);
    }
    return end();
  }

  run().catch((error) => fault(say("noAudio"), String(error)));
})();
