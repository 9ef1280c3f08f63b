// One event stream by the client that is generated from the server's enum, over
// the browser's own EventSource, which reconnects by itself and names the last
// id that it saw. All this adds is the story of the connections: what each one
// brought, and whether it was true.
//
// The compiler of TypeScript checks this file against the types of the events.
// @ts-check

import { openDashboard } from "./dashboard.js";
import { Ledger } from "./ledger.js";

/**
 * What the page draws, each by a function of its data.
 * @typedef {Omit<import("./dashboard.js").DashboardEvents, "connected" | "counters" | "reset">} Drawn
 * @typedef {{ [T in keyof Drawn]: (data: Drawn[T]) => void }} Shown
 */

/** @type {(keyof Drawn)[]} */
const TYPES = ["cpu", "memory", "network", "processes", "log"];
const CONNECTIONS_KEPT = 200;
/** How long a new connection may stay untold while a `reset` could follow. */
const UNTOLD = 250;
/** EventSource gives up on some answers (a 502 of a proxy, say). We do not. */
const AGAIN_AFTER = 2_000;

export class Stream {
  state = "connecting";
  /** When the connection went away, by this browser's clock. */
  goneSince = null;
  connections = [];
  ledger = new Ledger();

  #url;
  #on;
  #source = null;
  #current = null;
  #untold = null;
  #replayLeft = 0;
  #anew = false;

  /**
   * `on` has `state()`, `connected(data)`, `counters(data)`,
   * `connection(entry)` (told anew whenever the entry changes), `reset(entry)`
   * and `event(type, data, delivery)`, where `delivery` has `lost`, `twice`,
   * `again` and `how`: "history", "replayed" or "live".
   */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  open() {
    const source = openDashboard(this.#url);
    this.#source = source;
    source.on("connected", ({ data }) => this.#connected(data));
    // Ephemeral: the id that comes with it is that of the event before.
    source.on("counters", ({ data }) => this.#on.counters(data));
    source.onReset(({ data, lastEventId }) => this.#reset(data, lastEventId));
    for (const type of TYPES) source.on(type, (event) => this.#event(event));
    source.onState((state) => state !== "open" && this.#gone(source));
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.#on.state();
  }

  #gone(source) {
    if (source !== this.#source) return;
    if (this.state === "live") {
      this.goneSince = Date.now();
      this.#tell();
      this.#current = null;
      this.#setState("reconnecting");
    }
    if (source.state === "closed") {
      this.#source = null;
      setTimeout(() => {
        if (this.ledger.started) {
          this.ledger.rejoin();
          this.#anew = true;
        }
        this.open();
      }, AGAIN_AFTER);
    }
  }

  #connected(data) {
    const now = Date.now();
    const first = !this.ledger.started;
    this.#current = {
      at: now,
      kind: first ? "first" : "resumed",
      replayed: data.replay,
      reason: null,
      missed: null,
      gap: this.goneSince === null ? null : now - this.goneSince,
      /** Events of this connection so far, and holes found in its replay. */
      arrived: 0,
      lost: 0,
      checked: false,
      /** A new EventSource, which could not name the last id. */
      anew: this.#anew,
    };
    this.#anew = false;
    this.goneSince = null;
    this.#replayLeft = data.replay;
    this.#setState("live");
    this.#on.connected(data);
    // A `reset` may be next. Tell of the connection once it is clear what it is.
    clearTimeout(this.#untold);
    this.#untold = setTimeout(() => this.#tell(), UNTOLD);
  }

  #tell() {
    clearTimeout(this.#untold);
    this.#untold = null;
    const entry = this.#current;
    if (entry === null || this.connections.includes(entry)) return;
    this.connections.push(entry);
    if (this.connections.length > CONNECTIONS_KEPT) this.connections.shift();
    this.#on.connection(entry);
  }

  #reset({ reason, missed }, id) {
    this.ledger.excuse(missed, id);
    const now = Date.now();
    let entry = this.#current;
    if (entry === null || entry.arrived > 0) {
      // In the middle of a connection: a story of its own.
      this.#tell();
      entry = { at: now, replayed: 0, gap: null, arrived: 0, lost: 0 };
      this.#current = entry;
      this.#replayLeft = 0;
    }
    Object.assign(entry, { kind: "reset", reason, missed, checked: true });
    this.#on.reset(entry);
    if (this.connections.includes(entry)) this.#on.connection(entry);
    else this.#tell();
  }

  /** @param {import("./dashboard.js").Dispatched<import("./dashboard.js").DashboardEvents, keyof Drawn>} event */
  #event({ type, data, lastEventId }) {
    const entry = this.#current;
    if (this.ledger.isOtherEpoch(lastEventId) && entry?.arrived === 0 && entry.kind !== "reset") {
      // Nobody told us, since nobody knew: after AGAIN_AFTER the browser asks
      // without a last id. The ids show it all the same.
      this.#reset({ reason: "epoch", missed: null }, this.ledger.lastEventId);
    }
    this.#tell();

    const isHistory = this.#replayLeft > 0 && (entry?.kind !== "resumed" || entry.anew);
    const counted = this.ledger.take(lastEventId, data.from, isHistory);
    let how = "live";
    if (this.#replayLeft > 0) {
      this.#replayLeft -= 1;
      how = entry?.kind === "resumed" && !counted.again ? "replayed" : "history";
    }
    if (entry !== null && !entry.checked) {
      entry.arrived += 1;
      entry.lost += counted.lost;
      if (entry.arrived >= Math.max(1, entry.replayed)) {
        entry.checked = true;
        this.#on.connection(entry);
      }
    } else if (entry !== null) {
      entry.arrived += 1;
    }
    this.#on.event(type, data, { how, ...counted });
  }
}
