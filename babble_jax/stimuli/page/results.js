// Results: one row for each trial, kept in the browser after each answer, and written as CSV.
"use strict";

// Columns of the page, behind those of the list.
Babble.COLUMNS = [
  "participant", "list", "list_file", "session_begun", "consent", "seed", "order", "phase", "response_key", "response",
  "rt_from_end_ms", "rt_from_turn_ms", "rt_from_start_ms", "early_keys", "replays", "input", "sound_begun", "answered",
  "hidden", "output_latency_ms", "output_rate_hz", "clock", "browser", "experiment",
];

Babble.Results = class {
  constructor(experiment) {
    this.experiment = experiment;
    this.prefix = `babble:${experiment.id}:`;
    this.stores = this.probe();
  }

  probe() {
    try {
      localStorage.setItem(`${this.prefix}probe`, "1");
      localStorage.removeItem(`${this.prefix}probe`);
      return true;
    } catch {
      return false;
    }
  }

  find(participant) {
    if (!this.stores) return null;
    try {
      return JSON.parse(localStorage.getItem(this.prefix + participant));
    } catch {
      return null;
    }
  }

  keep(session) {
    if (!this.stores) return;
    try {
      localStorage.setItem(this.prefix + session.participant, JSON.stringify(session));
    } catch {
      this.stores = false; // full: the rows of the page itself still reach the download
    }
  }

  all() {
    if (!this.stores) return [];
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix)).sort();
    return names.map((name) => this.find(name.slice(this.prefix.length))).filter(Boolean);
  }

  forget() {
    for (const session of this.all()) localStorage.removeItem(this.prefix + session.participant);
  }

  // A factor may have the name of a column of the page, which then is called page_NAME.
  columns(lists) {
    const own = [];
    for (const list of lists) for (const name of list.columns) if (!own.includes(name)) own.push(name);
    return [...own.map((name) => [name, "list", name]),
      ...Babble.COLUMNS.map((name) => [own.includes(name) ? `page_${name}` : name, "page", name])];
  }

  csv(sessions) {
    const columns = this.columns(this.experiment.lists);
    const lines = [columns.map(([title]) => Babble.quote(title))];
    for (const session of sessions) {
      for (const row of session.rows) {
        lines.push(columns.map(([, part, name]) => Babble.quote(row[part][name] ?? "")));
      }
    }
    return lines.map((line) => line.join(",")).join("\n") + "\n";
  }
};

Babble.quote = (value) => {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

Babble.fileName = (experiment, session) => {
  const title = experiment.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "experiment";
  return session ? `${title}-${session.participant}-list${session.list}.csv` : `${title}-all.csv`;
};

Babble.download = (name, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};
