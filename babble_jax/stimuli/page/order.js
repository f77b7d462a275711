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

// The places of the trials in the list, practice first. A catch trial never comes first.
Babble.arrange = (experiment, list, seed) => {
  const random = Babble.random(seed);
  const column = list.columns.indexOf("catch");
  const isCatch = (place) => column >= 0 && list.rows[place][column] === "1";
  const places = list.rows.map((_, place) => place);
  const practice = Babble.shuffle(places.filter((place) => !isCatch(place)), random).slice(0, experiment.practice);
  const test = experiment.order === "list" ? places : Babble.shuffle(places, random);
  const first = test.findIndex((place) => !isCatch(place));
  if (first > 0 && experiment.order !== "list") [test[0], test[first]] = [test[first], test[0]];
  return [...practice.map((place) => ({ phase: "practice", place })), ...test.map((place) => ({ phase: "test", place }))];
};
