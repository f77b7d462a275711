// A timeline for jsPsych 8: the same lists and the same question as the page's. `babbleTimeline(jsPsych)` gives it.
//
// Needs, beside jspsych itself: plugin-preload, plugin-html-keyboard-response, plugin-audio-keyboard-response.
"use strict";

// participant: its number chooses the list and its name the order; list and seed override them.
const babbleTimeline = (jsPsych, { participant = "1", list: stated = null, seed: statedSeed = null } = {}) => {
  const experiment = Babble.experiment;
  const eventKeys = { space: " ", left: "arrowleft", right: "arrowright", up: "arrowup", down: "arrowdown", enter: "enter" };
  const number = stated === null ? Babble.chooseList(participant, experiment.lists.length) : Number(stated) - 1;
  const list = experiment.lists[number];
  if (!list) throw new RangeError(`There is no list ${stated}; there are ${experiment.lists.length}.`);
  const seed = statedSeed === null ? Babble.chooseSeed(experiment, participant) : Number(statedSeed);
  const steps = Babble.arrange(experiment, list, seed);
  const choices = experiment.keys.map(({ key }) => (eventKeys[key] ?? key).toLowerCase());
  const labels = Object.fromEntries(experiment.keys.map(({ label }, i) => [choices[i], label]));
  const safe = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replaceAll("\n", "<br>");
  const keyName = (key) => safe(Babble.keyNames[key] ?? key.toUpperCase());
  const legend = experiment.keys.map(({ key, label }) => `<kbd>${keyName(key)}</kbd> ${safe(label)}`).join(" &emsp; ");
  const rows = list.rows.map((row) => Object.fromEntries(list.columns.map((name, i) => [name, row[i]])));
  const practice = steps.filter(({ phase }) => phase === "practice").length;
  const test = steps.length - practice;

  const text = (stimulus, part) => ({
    type: jsPsychHtmlKeyboardResponse,
    stimulus: `${stimulus}<p><small>${safe(Babble.say("spaceBar"))}</small></p>`,
    choices: [" "],
    data: { part },
  });
  const paragraph = (words) => `<p>${safe(words)}</p>`;

  const trial = ({ phase, place }, i) => {
    const row = rows[place];
    // jsPsych names its own columns stimulus, response, rt, trial_type, trial_index, time_elapsed, plugin_version
    const own = { participant, list: number + 1, list_file: list.name, seed, order: i + 1, phase, experiment: experiment.id };
    const data = { part: "trial", ...row };
    for (const [name, value] of Object.entries(own)) data[name in row ? `page_${name}` : name] = value;
    return {
      type: jsPsychAudioKeyboardResponse,
      stimulus: list.base + row.file,
      choices,
      prompt: `<p>${safe(experiment.text)}</p><p>${legend}</p>`,
      response_allowed_while_playing: experiment.early,
      trial_ends_after_audio: false,
      post_trial_gap: 700,
      data,
      // jsPsych's rt runs from the beginning of the sound, on the audio clock
      on_finish: (result) => {
        const turn = parseFloat(row.turn_onset_ms);
        const end = parseFloat(row.duration_ms);
        result.answer = labels[result.response];
        result.rt_from_turn_ms = Number.isNaN(turn) ? null : result.rt - turn;
        result.rt_from_end_ms = Number.isNaN(end) ? null : result.rt - end;
      },
    };
  };

  const timeline = [{
    type: jsPsychPreload,
    audio: [...new Set(steps.map(({ place }) => list.base + rows[place].file))],
    message: paragraph(Babble.say("loadingShort")),
  }];
  if (experiment.consent) timeline.push(text(paragraph(experiment.consent), "consent"));
  timeline.push(text(paragraph(Babble.say("levelText")), "level"));
  const instructions = experiment.instructions || Babble.say("instructions", { trials: test });
  timeline.push(text(`${paragraph(instructions)}${paragraph(experiment.text)}<p>${legend}</p>`, "instructions"));
  steps.forEach((step, i) => {
    const done = i - practice;
    if (practice && done === 0) timeline.push(text(paragraph(Babble.say("testText", { trials: test })), "test"));
    else if (experiment.break_every && done > 0 && done % experiment.break_every === 0) {
      timeline.push(text(`<h2>${safe(Babble.say("breakTitle"))}</h2>${paragraph(Babble.say("breakText", { done, all: test }))}`, "break"));
    }
    timeline.push(trial(step, i));
  });
  if (experiment.thanks) timeline.push(text(paragraph(experiment.thanks), "thanks"));
  return timeline;
};
