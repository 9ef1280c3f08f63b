// The parts of the page that are not charts. Whatever came from the server is
// set with `textContent`, so that a process named `<b>` stays a name.

import { age, bytes, clock, count, percent, plural, span } from "./format.js";

const CONNECTIONS_SHOWN = 60;
const LOG_ROWS = 200;
const PROCESSES = 8;

export const at = (id) => document.getElementById(id);

/** Writes only what changed, which spares a screen reader and the layout. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

// --- What a connection brought -----------------------------------------------

const REASONS = {
  epoch: "the server was restarted",
  trimmed: "the server no longer had what came next",
  unknown: "the server did not know the last event ID",
  lagged: "this page was too slow for the stream",
};

export function tell(entry) {
  const events = plural(entry.replayed, "event");
  if (entry.kind === "first") return `Connected: ${events} of history`;
  if (entry.kind === "reset") {
    const why = REASONS[entry.reason] ?? "the server could not resume";
    const missed = typeof entry.missed === "number" ? count(entry.missed) : "unknown";
    return `Reset: ${why} (${entry.reason}), missed ${missed}`;
  }
  if (entry.anew) {
    const joined = entry.lost > 0 ? `${count(entry.lost)} lost` : entry.checked ? "none lost" : "joining…";
    return `Connected anew: ${events} of history, ${joined}`;
  }
  if (entry.lost > 0) return `Reconnected: ${events} replayed, ${count(entry.lost)} lost`;
  if (!entry.checked) return `Reconnected: ${events} replayed…`;
  return `Reconnected: ${events} replayed, none lost`;
}

function details(entry) {
  const parts = [clock(entry.at)];
  if (entry.gap !== null) parts.push(`after ${span(entry.gap)} without a connection`);
  if (entry.kind === "reset" && entry.replayed > 0) {
    parts.push(`went on with ${plural(entry.replayed, "event")} of its history`);
  }
  return parts.join(" · ");
}

export class Connections {
  #list = at("connections");
  #rows = new WeakMap();

  show(entry) {
    let row = this.#rows.get(entry);
    if (row === undefined) {
      row = make("li");
      row.append(make("b"), make("span"));
      this.#rows.set(entry, row);
      this.#list.prepend(row);
      while (this.#list.childElementCount > CONNECTIONS_SHOWN) this.#list.lastElementChild.remove();
    }
    row.dataset.kind = entry.kind;
    row.classList.toggle("lossy", entry.lost > 0);
    const [title, line] = row.children;
    write(title, tell(entry));
    write(line, details(entry));
  }
}

/** The strip on top: the state, the counts, and what happened last. */
export class Strip {
  #card = at("stream");
  #outcome = at("outcome");

  state(state) {
    at("state-box").dataset.state = state;
    at("state").dataset.state = state;
    write(at("state"), state === "reconnecting" ? "reconnecting…" : state);
    at("cut").setAttribute("aria-disabled", String(state !== "live"));
  }

  since(text) {
    write(at("since"), text);
  }

  outcome(kind, text) {
    this.#card.dataset.outcome = kind;
    write(this.#outcome, text);
  }

  counts(ledger) {
    this.#count("received", ledger.received, "");
    this.#count("lost", ledger.lost, ledger.lost > 0 ? "bad" : "good");
    this.#count("twice", ledger.twice, ledger.twice > 0 ? "bad" : "good");
    const { announced, unknown } = ledger;
    this.#count("announced", announced, announced + unknown > 0 ? "warn" : "");
    if (unknown > 0) {
      write(at("announced"), announced > 0 ? `${count(announced)} + ?` : "?");
      at("announced").title = `${plural(unknown, "time")} the server could not say how many`;
    }
    write(at("last-event-id"), ledger.lastEventId || "none yet");
  }

  #count(id, value, className) {
    const element = at(id);
    element.dataset.value = value;
    element.className = className;
    write(element, count(value));
  }
}

export function machine({ host, uptime }) {
  write(at("host"), host);
  write(at("uptime"), `up ${age(uptime)}`);
}

export function subscribers(open) {
  write(at("subscribers"), plural(open, "subscriber"));
}

// --- CPU: the cores' names and numbers ---------------------------------------

export class Cores {
  #list = at("cores");
  #rows = [];

  build(cores, colour, focus) {
    this.#list.replaceChildren();
    this.#list.style.setProperty("--count", cores);
    this.#rows = Array.from({ length: cores }, (_, core) => {
      const row = make("li");
      const swatch = make("i");
      swatch.style.setProperty("--colour", colour(core));
      const number = make("b", "", "–");
      const bar = make("u");
      bar.style.setProperty("--colour", colour(core));
      row.append(swatch, make("span", "", `core ${core}`), number, bar);
      row.addEventListener("pointerenter", () => focus(core));
      row.addEventListener("pointerleave", () => focus(null));
      this.#list.append(row);
      return { number, bar };
    });
  }

  show(values) {
    this.#rows.forEach(({ number, bar }, core) => {
      const value = values[core] ?? 0;
      write(number, percent(value));
      bar.style.setProperty("--share", (Math.min(100, value) / 100).toFixed(3));
    });
  }
}

// --- Processes ---------------------------------------------------------------

export class Processes {
  #rows;

  constructor() {
    const list = at("processes");
    this.#rows = Array.from({ length: PROCESSES }, () => {
      const row = make("li");
      row.append(make("i"), make("span", "name"), make("span", "size"), make("b"));
      list.append(row);
      return row;
    });
  }

  show(busiest) {
    // Against the busiest one, but an idle machine shall look idle.
    const most = Math.max(25, ...busiest.map((process) => process.cpu));
    this.#rows.forEach((row, index) => {
      const process = busiest[index];
      const [bar, name, size, cpu] = row.children;
      bar.style.setProperty("--share", process === undefined ? 0 : (process.cpu / most).toFixed(4));
      write(name, process?.name ?? "");
      write(size, process === undefined ? "" : bytes(process.memory));
      write(cpu, process === undefined ? "" : percent(process.cpu));
      row.title = process === undefined ? "" : `${process.name}, pid ${process.pid}`;
    });
  }
}

// --- Log ---------------------------------------------------------------------

export class Log {
  #list = at("log");

  push({ at: when, level, target, message }) {
    const row = make("li");
    const known = ["error", "warn", "info", "debug", "trace"].find((name) => name === level.toLowerCase());
    const text = make("span", "text");
    text.append(make("span", "target", target), message);
    row.append(make("time", "", clock(when)), make("span", `level level-${known ?? "debug"}`, level), text);
    this.#list.prepend(row);
    while (this.#list.childElementCount > LOG_ROWS) this.#list.lastElementChild.remove();
  }
}
