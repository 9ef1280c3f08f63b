// The page's own book-keeping of what arrived. It believes nobody: the server
// says "7 events replayed", and this counts them.
//
// An id says nothing: a page only sends it back. So each event has a number in
// its data. Within a run, which is what one publisher published one after the
// other, it rises by exactly one, so a jump forward is an event that was lost,
// and a number that is not higher than the last is an event that came twice.
// Several servers publish into one stream, each in runs of its own.

const KEPT = 20_000;
const RUNS_KEPT = 1_000;

export class Ledger {
  received = 0;
  lost = 0;
  twice = 0;
  /** Events that the server said are missing, by a `reset`. */
  announced = 0;
  /** How often it could not say how many. */
  unknown = 0;
  /** All ids in the order of their arrival, the newest `KEPT` of them. */
  seen = [];
  lastEventId = "";

  #epoch = null;
  /** The number that is due next, by run; the one that was heard of last is the last. */
  #runs = new Map();
  /** After a `reset`, the runs of which the next event may have any number; so may the first of those that come later. */
  #excused = null;
  #overlapping = false;

  get started() {
    return this.#epoch !== null;
  }

  /** A `reset` came: what follows need not join what was before. */
  excuse(missed, id) {
    if (typeof missed === "number") this.announced += missed;
    else this.unknown += 1;
    this.#excused = new Set(this.#runs.keys());
    this.#overlapping = false;
    this.lastEventId = id;
  }

  /** A new stream that could not name the last id: its history may overlap. */
  rejoin() {
    this.#overlapping = true;
  }

  isOtherEpoch(id) {
    return this.#epoch !== null && epochOf(id) !== this.#epoch;
  }

  /** Counts one event, which may be of the history with which a client begins. `again` says that the page has it already. */
  take(id, { run, number }, isHistory) {
    this.received += 1;
    this.#epoch = epochOf(id);
    this.lastEventId = id;
    this.seen.push(id);
    if (this.seen.length > KEPT) this.seen.shift();

    const due = this.#runs.get(run);
    const again = due !== undefined && number < due;
    let lost = 0;
    if (due === undefined) {
      // A run of the past may have begun before the log does.
      if (!isHistory && this.#excused === null) lost = number;
    } else if (!again && !this.#excused?.has(run)) {
      lost = number - due;
    }
    if (!isHistory) this.#overlapping = false;
    const twice = again && !this.#overlapping;
    this.#excused?.delete(run);
    this.#runs.delete(run);
    this.#runs.set(run, Math.max(due ?? 0, number + 1));
    if (this.#runs.size > RUNS_KEPT) this.#runs.delete(this.#runs.keys().next().value);
    this.lost += lost;
    if (twice) this.twice += 1;
    return { lost, twice, again };
  }
}

function epochOf(id) {
  return id.split("-")[0];
}
