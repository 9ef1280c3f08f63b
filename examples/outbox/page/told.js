// One event stream of the shop, which can be closed and opened again where it was, and what has come by it.
//
// The compiler of TypeScript checks this file against the types of the events.
// @ts-check

import { openShop } from "./shop.js";

/** @typedef {import("./shop.js").ShopEvent} ShopEvent */

export class Told {
  /** All events that have come, in their order. @type {ShopEvent[]} */
  events = [];
  /** How many came although they had come before. */
  twice = 0;
  state = "connecting";

  #url;
  #changed;
  #ids = new Set();
  #last = "";
  /** @type {ReturnType<typeof openShop> | null} */
  #source = null;

  /** `changed` is called when something has come, or the state is another. */
  constructor(url, changed) {
    this.#url = url;
    this.#changed = changed;
    this.open();
  }

  open() {
    if (this.#source !== null) return;
    // The browser names the last event ID when it comes back by itself. A new EventSource is told where to go on.
    const source = openShop(this.#url, { lastEventId: this.#last, reopenAfter: 500 });
    this.#source = source;
    source.onState((state) => {
      if (source !== this.#source) return;
      this.state = state;
      this.#changed();
    });
    source.on("order_placed", (event) => this.#take(event));
    source.on("order_sent", (event) => this.#take(event));
    source.on("stock_changed", (event) => this.#take(event));
    source.onReset((event) => {
      // The log is another one, or has let go of what was not seen. What it still has follows.
      this.#ids.clear();
      this.events = [];
      this.#take(event);
    });
  }

  close() {
    const source = this.#source;
    this.#source = null;
    this.state = "closed";
    source?.close();
    this.#changed();
  }

  /** @param {ShopEvent} event */
  #take(event) {
    if (event.type !== "reset") {
      if (this.#ids.has(event.lastEventId)) this.twice += 1;
      this.#ids.add(event.lastEventId);
      this.#last = event.lastEventId;
    }
    this.events.push(event);
    this.#changed();
  }

  /** The orders whose placing was told. */
  get orders() {
    return this.events.flatMap((event) => (event.type === "order_placed" ? [event.data] : []));
  }
}
