// What the channel on the server counts. The page counts for itself, in
// `ledger.js`; this is the other side of the same story.

import { age, bytes, count, plural } from "./format.js";
import { at, write } from "./view.js";

/** How long it is said by how much the replayed events rose. */
const RISE_SHOWN = 6_000;
/** A speed is an average over this. */
const SPEED_OVER = 10_000;

export class Channel {
  #card = at("channel");
  #rise = at("channel-rise");
  #last = null;
  /** What was published, and when, the oldest first. */
  #published = [];
  #most = 0;
  #risen = null;

  /** The most that the channel holds, by number and by age. */
  retention({ events, seconds }) {
    this.#most = events;
    write(at("channel-most"), `${count(events)}, ${age(seconds)}`);
  }

  show(counters) {
    const { published, delivered, replayed, resets } = counters;
    // Fewer than before: a server that was started since.
    if (this.#last !== null && published < this.#last.published) this.forget();

    write(at("channel-published"), count(published));
    write(at("channel-speed"), this.#speed(counters));
    write(at("channel-encoded"), bytes(counters.published_bytes));

    write(at("channel-retained"), count(counters.retained));
    write(at("channel-bytes"), bytes(counters.retained_bytes));
    fill(at("channel-hold"), counters.retained, this.#most);

    write(at("channel-subscribers"), count(counters.subscribers));
    write(at("channel-subscribed"), count(counters.subscribed));
    write(at("channel-lag"), plural(counters.lag, "event"));

    write(at("channel-delivered"), count(delivered));
    write(at("channel-live"), count(delivered - replayed));
    write(at("channel-replayed"), count(replayed));
    fill(at("channel-share"), replayed, delivered);
    if (this.#last !== null && replayed > this.#last.replayed) this.#rose(replayed - this.#last.replayed);

    write(at("channel-resets"), count(resets.epoch + resets.trimmed + resets.unknown + resets.lagged));
    for (const [reason, resetsOfIt] of Object.entries(resets)) {
      const element = at(`channel-${reason}`);
      write(element, count(resetsOfIt));
      element.className = resetsOfIt > 0 ? "warn" : "";
    }
    this.#last = counters;
  }

  /** What comes next is counted by another server, from zero. */
  forget() {
    this.#last = null;
    this.#published = [];
    this.#rise.classList.remove("on");
  }

  /** Without a connection the numbers stand still, and shall look like it. */
  stale(stale) {
    this.#card.dataset.stale = String(stale);
  }

  #speed({ at: now, published }) {
    // A clock that was set back, or a page that was away, begins anew.
    this.#published = this.#published.filter((past) => past.at < now && past.at >= now - SPEED_OVER - 500);
    const [first] = this.#published;
    this.#published.push({ at: now, published });
    return first === undefined ? "–" : count(((published - first.published) * 1_000) / (now - first.at));
  }

  #rose(by) {
    write(at("channel-rise-by"), `+${count(by)}`);
    this.#rise.classList.add("on");
    clearTimeout(this.#risen);
    this.#risen = setTimeout(() => this.#rise.classList.remove("on"), RISE_SHOWN);
  }
}

function fill(element, part, whole) {
  element.classList.toggle("filled", whole > 0);
  element.style.setProperty("--share", whole > 0 ? Math.min(1, part / whole).toFixed(4) : 0);
}
