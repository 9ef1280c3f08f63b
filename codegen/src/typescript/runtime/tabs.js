export class TabSource {
  /** The query parameter from which the server reads the last event ID. */
  static parameter = "last_event_id";
  /** How long the reading tab may be silent, in milliseconds, before it is asked, and then how long until it is replaced. */
  static patience = 2500;
  readyState = 0;
  /** Whether this is the tab that reads for all. */
  leads = false;
  #url;
  #init;
  #name;
  #tabs;
  #types = /* @__PURE__ */ new Map();
  #own = null;
  #leave = null;
  /** Rises with each tab that begins to read: who was asleep is not listened to any more. */
  #term = 0;
  #joined = false;
  /** The place of this tab: an ID, and how many events without one came behind it. */
  #last;
  #behind = 0;
  /** What was told of since this tab lost its place, or has none yet. */
  #heard = [];
  #heardAt = Date.now();
  #timer;
  #asked = false;
  #waits = false;
  /** Of the request by which this tab has the lock: it may take it from itself. */
  #hold = {};
  constructor(url, init = {}) {
    const to = new URL(url, globalThis.document?.baseURI);
    this.#last = to.searchParams.get(TabSource.parameter) ?? "";
    to.searchParams.delete(TabSource.parameter);
    this.#url = to.href;
    this.#init = { withCredentials: !!init.withCredentials };
    this.#name = `typed-sse ${this.#init.withCredentials} ${this.#url}`;
    this.#tabs = new BroadcastChannel(this.#name);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
    this.#timer = setInterval(() => this.#watch(), TabSource.patience);
    if (globalThis.navigator?.locks) this.#queue({ ifAvailable: true });
    else this.#read();
  }
  addEventListener(type, listener) {
    const known = this.#types.get(type);
    if (known) known.push(listener);
    else {
      this.#types.set(type, [listener]);
      this.#attach(type);
      this.#tabs.postMessage({ types: [type] });
    }
  }
  close() {
    this.readyState = 2;
    clearInterval(this.#timer);
    this.#stop();
    this.#leave?.();
    this.#tabs.close();
  }
  /** Waits for the lock, and reads for all as long as it is held. */
  #queue(options) {
    const isLast = !options.ifAvailable && !options.steal;
    if (isLast && this.#waits) return;
    if (isLast) this.#waits = true;
    const hold = {};
    const held = async (lock) => {
      if (isLast) this.#waits = false;
      if (this.readyState === 2) return;
      if (!lock) {
        this.#tabs.postMessage({ asks: true });
        this.#queue({});
        return this.#read();
      }
      this.#hold = hold;
      this.#lead();
      await new Promise((leave) => this.#leave = leave);
    };
    navigator.locks.request(this.#name, options, held).catch(() => {
      if (this.leads && this.#hold === hold) this.#step();
      if (this.readyState < 2) this.#queue({});
    });
  }
  #lead() {
    this.leads = true;
    this.#joined = true;
    this.#heard = [];
    this.#term = Math.max(this.#term + 1, Date.now()) + Math.random();
    this.#tell({ at: this.#last });
    this.#read();
  }
  /** Not the one that reads any more, and nowhere until the one that does says where it is. */
  #step() {
    this.leads = this.#joined = false;
    this.#leave = null;
    this.#stop();
    this.#tabs.postMessage({ asks: true });
  }
  #tell(told) {
    this.#tabs.postMessage({ ...told, term: this.#term, types: [...this.#types.keys()] });
  }
  /** Reads by itself: for all, or until it is where the others are. */
  #read() {
    if (this.#joined && !this.leads) return;
    this.#stop();
    const url = new URL(this.#url);
    if (this.#last) url.searchParams.set(TabSource.parameter, this.#last);
    const own = this.#own = new EventSource(url, this.#init);
    own.onopen = () => this.#state("open", 1);
    own.onerror = (event) => {
      if (!(event instanceof MessageEvent)) this.#state("error", own.readyState);
    };
    for (const type of this.#types.keys()) this.#attach(type);
  }
  #stop() {
    this.#own?.close();
    this.#own = null;
  }
  #attach(type) {
    const own = this.#own;
    own?.addEventListener(type, (event) => {
      if (own !== this.#own || !(event instanceof MessageEvent)) return;
      const { data, lastEventId } = event;
      const id = lastEventId === this.#last ? "" : lastEventId;
      if (this.leads) this.#tell({ type, data, id, at: this.#last });
      this.#deliver({ type, data, id });
      if (!this.leads) this.#meet();
    });
  }
  #state(type, readyState) {
    if (this.readyState === 2) return;
    if (this.leads) this.#tell({ state: readyState });
    this.readyState = readyState;
    this.#emit(type, new Event(type));
    if (readyState === 2) this.close();
  }
  #emit(type, event) {
    for (const listener of this.#types.get(type) ?? []) listener(event);
  }
  #deliver({ type = "", data, id }) {
    if (id) [this.#last, this.#behind] = [id, 0];
    else this.#behind += 1;
    this.#emit(type, { type, data, lastEventId: this.#last });
  }
  #hear(told) {
    if (this.readyState === 2) return;
    for (const type of told.types ?? []) {
      if (!this.#types.has(type)) {
        this.#types.set(type, []);
        this.#attach(type);
      }
    }
    if (told.asks) {
      if (this.leads) this.#tell({ at: this.#last });
      return;
    }
    if (told.term === void 0 || told.term < this.#term) return;
    if (told.term > this.#term) {
      this.#term = told.term;
      if (this.leads) this.#step();
      this.#joined = false;
      this.#heard = [];
      if (told.at === void 0) this.#tabs.postMessage({ asks: true });
    } else if (this.leads) return;
    this.#heardAt = Date.now();
    this.#asked = false;
    if (told.state !== void 0) {
      if (this.#joined || told.state === 2) this.#state(told.state === 1 ? "open" : "error", told.state);
    } else if (this.#joined && told.at === this.#last) {
      if (told.type !== void 0) this.#deliver(told);
    } else {
      this.#joined = false;
      if (told.type === void 0 || this.#ids().filter(Boolean).at(-1) !== told.at) this.#heard = [{ id: told.at ?? "" }];
      if (told.type !== void 0) this.#heard.push(told);
      if (this.#heard.length > 1e4) this.#heard.shift();
      this.#meet();
      if (!this.#joined && !this.#own) this.#read();
    }
  }
  /** Goes on with what was heard, if the place of this tab is among it. */
  #meet() {
    const at = this.#last ? this.#ids().lastIndexOf(this.#last) : -1;
    if (at < 0) return;
    this.#joined = true;
    this.#stop();
    const next = this.#heard.slice(at + 1).filter(({ type }) => type !== void 0);
    this.#heard = [];
    while (this.#behind-- > 0 && next[0] && !next[0].id) next.shift();
    this.#behind = 0;
    if (this.readyState !== 1) this.#state("open", 1);
    for (const told of next) if (this.readyState < 2) this.#deliver(told);
  }
  #ids() {
    return this.#heard.map(({ id }) => id);
  }
  /** The tab that reads may be asleep: it holds its lock, and says nothing. */
  #watch() {
    if (this.leads || Date.now() - this.#heardAt < TabSource.patience) return;
    if (this.#asked) this.#queue({ steal: true });
    this.#asked = !this.#asked;
    this.#heardAt = Date.now();
    this.#tabs.postMessage({ asks: true });
  }
}
