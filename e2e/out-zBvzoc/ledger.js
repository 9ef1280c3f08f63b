// The page's own book-keeping of what arrived. It believes nobody: the server
// says "7 events replayed", and this counts them by the numbers in their ids.
//
// An id is `EPOCH-NUMBER`. Within an epoch the number rises by exactly one from
// event to event, so a jump forward is an event that was lost, and a number
// that is not higher than the last is an event that came twice.

const KEPT = 20_000;

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
  #next = 0;
  #highest = -1;
  #excused = false;
  #overlapping = false;

  get started() {
    return this.#epoch !== null;
  }

  /**
   * A `reset` came: what follows need not join what was before. Its own id, if
   * it has one, is where the server goes on, so the next event is due behind it.
   */
  excuse(missed, id) {
    if (typeof missed === "number") this.announced += missed;
    else this.unknown += 1;
    const { epoch, number } = split(id);
    if (id === this.lastEventId || !Number.isSafeInteger(number)) {
      this.#excused = true;
      return;
    }
    this.#highest = epoch === this.#epoch ? Math.max(this.#highest, number) : number;
    this.#epoch = epoch;
    this.#next = number + 1;
    this.#excused = false;
    this.#overlapping = false;
    this.lastEventId = id;
  }

  /** A new stream that could not name the last id: its history may overlap. */
  rejoin() {
    this.#overlapping = true;
  }

  isOtherEpoch(id) {
    return this.#epoch !== null && split(id).epoch !== this.#epoch;
  }

  /** Counts one event. `again` says that the page has it already. */
  take(id) {
    const { epoch, number } = split(id);
    this.received += 1;
    this.lastEventId = id;
    this.seen.push(id);
    if (this.seen.length > KEPT) this.seen.shift();

    let lost = 0;
    let twice = false;
    let again = false;
    if (epoch !== this.#epoch) {
      // Without a `reset` before it, at least one event is missing in between.
      if (this.#epoch !== null && !this.#excused) lost = 1;
      this.#epoch = epoch;
      this.#highest = number;
      this.#next = number + 1;
      this.#overlapping = false;
    } else {
      again = number <= this.#highest;
      if (this.#excused) {
        this.#next = number + 1;
      } else if (number >= this.#next) {
        lost = number - this.#next;
        this.#next = number + 1;
        this.#overlapping = false;
      } else {
        twice = !this.#overlapping;
      }
      this.#highest = Math.max(this.#highest, number);
    }
    this.#excused = false;
    this.lost += lost;
    if (twice) this.twice += 1;
    return { lost, twice, again };
  }
}

function split(id) {
  const dash = id.lastIndexOf("-");
  return { epoch: id.slice(0, dash), number: Number(id.slice(dash + 1)) };
}
