// Which list a participant has, and in which order: both follow from the participant, so that a session can go on.
"use strict";

Babble.hash = (text) => {
  let h = 0x811c9dc5; // FNV-1a, 32 bits
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
};

// Numbers in [0, 1) from a seed (mulberry32).
Babble.random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

Babble.shuffle = (items, random) => {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
};

// The participant's number chooses the list: 1 has the first, 2 the second, and so on round; names without a digit by hash.
Babble.chooseList = (participant, lists) => {
  const digits = participant.match(/\d+/g);
  const number = digits ? Number(digits.at(-1).slice(-9)) - 1 : Babble.hash(participant);
  return ((number % lists) + lists) % lists;
};

Babble.chooseSeed = (experiment, participant) => Babble.hash(`${experiment.seed}:${participant}`);

// The places of the trials in the list, practice first. A catch trial never comes first, and the sounds of practice do not
// either as far as others are there: least of all the one that was heard just before.
Babble.arrange = (experiment, list, seed) => {
  const random = Babble.random(seed);
  const column = list.columns.indexOf("catch");
  const isCatch = (place) => column >= 0 && list.rows[place][column] === "1";
  const places = list.rows.map((_, place) => place);
  const pool = Babble.shuffle(places.filter((place) => !isCatch(place)), random);
  const test = experiment.order === "list" ? places : Babble.shuffle(places, random);
  if (experiment.order === "list") pool.sort((a, b) => (a === test[0]) - (b === test[0])); // stable: only that one moves
  const practice = pool.slice(0, experiment.practice);
  if (experiment.order === "list") {
    if (practice.at(-1) === test[0]) practice.unshift(practice.pop());
  } else {
    const rules = [(place) => !practice.includes(place), (place) => place !== practice.at(-1), () => true];
    const firsts = rules.map((rule) => test.findIndex((place) => !isCatch(place) && rule(place)));
    const first = firsts.find((i) => i >= 0) ?? 0;
    [test[0], test[first]] = [test[first], test[0]];
  }
  return [...practice.map((place) => ({ phase: "practice", place })), ...test.map((place) => ({ phase: "test", place }))];
};
