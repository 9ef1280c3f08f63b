// An event source without a server: what comes is what the test says.

export class Fake {
  static last;
  readyState = 0;
  #listeners = new Map();

  constructor(url, init) {
    this.url = url;
    this.init = init;
    Fake.last = this;
  }

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** As from the server. */
  dispatch(type, data, lastEventId = '') {
    this.tell(type, { data, lastEventId });
  }

  open() {
    this.readyState = 1;
    this.tell('open', {});
  }

  /** The connection is lost, or for `readyState` 2 refused. */
  fail(readyState = 0) {
    this.readyState = readyState;
    this.tell('error', {});
  }

  tell(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  close() {
    this.readyState = 2;
  }
}
