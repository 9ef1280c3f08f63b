// Joins the stream to what is seen. See `stream.js` for the connection,
// `ledger.js` for the counting and `charts.js` for the charts.
// @ts-check

import { Channel } from "./channel.js";
import { Charts, CpuChart, MemoryChart, NetworkChart } from "./charts.js";
import { age, bytes, percent, plural, rate, span } from "./format.js";
import { Stream } from "./stream.js";
import { Tape } from "./tape.js";
import { Connections, Cores, Log, Processes, Strip, at, machine, subscribers, tell, write } from "./view.js";

// `crypto.randomUUID` is there only for https and localhost; the page is also
// looked at over plain http from a phone in the same network.
const client =
  crypto.randomUUID?.() ??
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const strip = new Strip();
const tape = new Tape(at("tape"));
const connections = new Connections();
const channel = new Channel();
const cores = new Cores();
const processes = new Processes();
const log = new Log();

const charts = new Charts();
const cpu = charts.add(new CpuChart(at("cpu-chart"), 0));
const memory = charts.add(new MemoryChart(at("memory-chart")));
const network = charts.add(new NetworkChart(at("network-chart")));

let host = null;
let started = null;
/** Server's clock minus ours, by the newest live event. */
let skew = 0;
/** The gap on the charts that waits for its end. */
let gap = null;
let latest = null;
let counters = null;

// --- Drawing what came -------------------------------------------------------

/** @type {import("./stream.js").Shown} */
const show = {
  cpu(data) {
    if (data.cores.length !== cpu.cores) {
      cpu.setCores(data.cores.length);
      setUpCores();
    }
    cpu.samples.push(data.at, data.cores);
    cores.show(data.cores);
    const average = data.cores.reduce((sum, value) => sum + value, 0) / Math.max(1, data.cores.length);
    write(at("cpu-now"), percent(average));
  },
  memory(data) {
    memory.push(data);
    write(at("memory-now"), bytes(data.used));
    write(at("memory-total"), `of ${bytes(data.total)}`);
    at("swap-item").hidden = data.swap_total === 0;
    write(at("swap-now"), bytes(data.swap_used));
    write(at("swap-total"), `of ${bytes(data.swap_total)}`);
  },
  network(data) {
    network.push(data);
    write(at("received-now"), rate(data.received));
    write(at("sent-now"), rate(data.sent));
  },
  processes(data) {
    processes.show(data.busiest);
  },
  log(data) {
    log.push(data);
  },
};

function setUpCores() {
  const count = cpu.cores;
  const heat = cpu.mode === "heat";
  write(at("cpu-cores"), count === 0 ? "all cores" : plural(count, "core"));
  at("lines").setAttribute("aria-pressed", String(!heat));
  at("heat").setAttribute("aria-pressed", String(heat));
  at("ramp").hidden = !heat;
  at("cores").hidden = heat || count > 16;
  cores.build(
    count,
    (core) => cpu.colour(core),
    (core) => cpu.plot?.setSeries(core === null ? null : core + 2, { focus: true }),
  );
  const newest = cpu.samples.columns.map((_, core) => cpu.samples.last(core));
  if (newest.length > 0 && newest[0] !== null) cores.show(newest);
}

for (const mode of ["lines", "heat"]) {
  at(mode).addEventListener("click", () => {
    cpu.setMode(mode);
    setUpCores();
  });
}

// --- The stream --------------------------------------------------------------

const stream = new Stream(`events?client=${encodeURIComponent(client)}`, {
  state() {
    strip.state(stream.state);
    channel.stale(stream.state !== "live");
    if (stream.state === "reconnecting") {
      tape.push("cut");
      if (gap === null && latest !== null) {
        gap = charts.gap(latest, "open");
      }
      strip.outcome("away", "The connection is gone. The browser comes back by itself, with the last event ID.");
    }
  },

  connected(data) {
    machine(data);
    subscribers(data.subscribers);
    channel.retention(data.retention);
    started = Date.now() - data.uptime * 1000;
    if (host !== null && host !== data.host) charts.clear();
    host = data.host;
  },

  counters(data) {
    counters = data;
    subscribers(data.subscribers);
    channel.show(data);
  },

  connection(entry) {
    connections.show(entry);
    if (entry === stream.connections.at(-1)) {
      strip.outcome(entry.lost > 0 ? "reset" : entry.kind, tell(entry));
    }
  },

  reset({ reason }) {
    if (reason === "epoch") channel.forget();
    strip.counts(stream.ledger);
    tape.push("reset");
    charts.break();
    if (gap === null && latest !== null) {
      gap = charts.gap(latest, "reset");
    }
    if (gap !== null) gap.kind = "reset";
  },

  event(type, data, { how, lost, twice, again }) {
    strip.counts(stream.ledger);
    for (let hole = 0; hole < Math.min(lost, 20); hole += 1) tape.push("lost");
    tape.push(twice ? "twice" : how);
    if (again) return;
    if (lost > 0) {
      charts.break();
      strip.outcome("reset", `${plural(lost, "event")} did not arrive, and the server did not say so.`);
    }

    show[type](data);
    if (how === "live") skew = data.at - Date.now();
    latest = Math.max(latest ?? 0, data.at);
    if (gap !== null) {
      // What was replayed lies in the gap; a reset leaves it empty.
      if (gap.kind === "open") gap.kind = "resumed";
      if (gap.kind === "reset" || how === "live") {
        gap.to = Math.max(gap.kind === "reset" ? data.at : (gap.reached ?? data.at), gap.from + 1);
        gap = null;
      } else {
        gap.reached = data.at;
      }
    }
    charts.advance(data.at);
  },
});

// While there is no connection, time goes on all the same.
setInterval(() => {
  if (started !== null) write(at("uptime"), `up ${age((Date.now() - started) / 1000)}`);
  if (stream.state === "reconnecting" && stream.goneSince !== null) {
    strip.since(`for ${span(Date.now() - stream.goneSince)}`);
    charts.advance(Date.now() + skew);
  } else {
    strip.since("");
  }
}, 250);

at("cut").addEventListener("click", async () => {
  if (stream.state !== "live") return;
  try {
    const answer = await fetch(`cut?client=${encodeURIComponent(client)}`, { method: "POST" });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  } catch (error) {
    strip.outcome("away", `Could not ask for the cut: ${error.message}.`);
  }
});

// --- The rest ----------------------------------------------------------------

function nameTheme() {
  const other = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  write(at("theme-label"), `Switch to the ${other} theme`);
  at("theme").title = `Switch to the ${other} theme`;
}

at("theme").addEventListener("click", () => /** @type {any} */ (window).toggleTheme());
document.addEventListener("themechange", () => {
  nameTheme();
  charts.restyle();
  tape.draw();
  setUpCores();
});
nameTheme();

const command = `curl -N ${new URL("events", location.href)}`;
write(at("curl"), command);
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(command);
    write(at("copy"), "Copied");
  } catch {
    getSelection().selectAllChildren(at("curl"));
    write(at("copy"), "Selected");
  }
  setTimeout(() => write(at("copy"), "Copy"), 1_600);
});

/** For tests in a browser, and for the curious in its console. */
/** @type {any} */ (window).showcase = {
  get state() {
    return stream.state;
  },
  get lastEventId() {
    return stream.ledger.lastEventId;
  },
  get seen() {
    return stream.ledger.seen;
  },
  get lost() {
    return stream.ledger.lost;
  },
  get twice() {
    return stream.ledger.twice;
  },
  get connections() {
    return stream.connections.map(({ at, kind, replayed, reason, missed }) => ({
      at,
      kind,
      replayed,
      reason,
      missed,
    }));
  },
  get counters() {
    return counters;
  },
  get drawn() {
    return charts.drawn;
  },
};

stream.open();
