
/**
 * One connection for all tabs of an origin that read the same URL: pass it as `EventSource`. The tab that holds a Web Lock reads, and
 * the others hear it by a `BroadcastChannel`; when it goes or falls asleep, another goes on from the last event ID.
 *
 * The server has to read the last event ID from the query parameter `last_event_id`. Events need IDs, as those of a channel
 * have. A tab that has just come reads by itself until it is where the others are.
 */
export class TabSource implements Source {
  /** The query parameter from which the server reads the last event ID. */
  static parameter = "last_event_id";
  /** How long the reading tab may be silent, in milliseconds, before it is asked, and then how long until it is replaced. */
  static patience = 2500;

  readyState = 0;
  /** Whether this is the tab that reads for all. */
  leads = false;

  #url: string;
  #init: { withCredentials: boolean };
  #name: string;
  #tabs: BroadcastChannel;
  #types = new Map<string, ((event: any) => void)[]>();
  #own: EventSource | null = null;
  #leave: (() => void) | null = null;
  /** Rises with each tab that begins to read: who was asleep is not listened to any more. */
  #term = 0;
  #joined = false;
  /** The place of this tab: an ID, and how many events without one came behind it. */
  #last: string;
  #behind = 0;
  /** What was told of since this tab lost its place, or has none yet. */
  #heard: Told[] = [];
  #heardAt = Date.now();
  #timer: ReturnType<typeof setInterval>;
  #asked = false;
  #waits = false;
  /** Of the request by which this tab has the lock: it may take it from itself. */
  #hold = {};

  constructor(url: string | URL, init: { withCredentials?: boolean } = {}) {
    const to = new URL(url, globalThis.document?.baseURI);
    this.#last = to.searchParams.get(TabSource.parameter) ?? "";
    to.searchParams.delete(TabSource.parameter);
    this.#url = to.href;
    this.#init = { withCredentials: !!init.withCredentials };
    this.#name = `typed-sse ${this.#init.withCredentials} ${this.#url}`;
    this.#tabs = new BroadcastChannel(this.#name);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
    this.#timer = setInterval(() => this.#watch(), TabSource.patience);
    // Without locks, which only a secure origin has, each tab reads by itself.
    if (globalThis.navigator?.locks) this.#queue({ ifAvailable: true });
    else this.#read();
  }

  addEventListener(type: string, listener: (event: any) => void): void {
    const known = this.#types.get(type);
    if (known) known.push(listener);
    else {
      this.#types.set(type, [listener]);
      this.#attach(type);
      this.#tabs.postMessage({ types: [type] } satisfies Told);
    }
  }

  close(): void {
    this.readyState = 2;
    clearInterval(this.#timer);
    this.#stop();
    this.#leave?.();
    this.#tabs.close();
  }

  /** Waits for the lock, and reads for all as long as it is held. */
  #queue(options: LockOptions): void {
    const isLast = !options.ifAvailable && !options.steal;
    if (isLast && this.#waits) return;
    if (isLast) this.#waits = true;
    const hold = {};
    const held = async (lock: Lock | null) => {
      if (isLast) this.#waits = false;
      if (this.readyState === 2) return;
      if (!lock) {
        this.#tabs.postMessage({ asks: true } satisfies Told);
        this.#queue({});
        return this.#read();
      }
      this.#hold = hold;
      this.#lead();
      await new Promise<void>((leave) => (this.#leave = leave));
    };
    navigator.locks.request(this.#name, options, held).catch(() => {
      // Another tab has taken it away, since this one slept.
      if (this.leads && this.#hold === hold) this.#step();
      if (this.readyState < 2) this.#queue({});
    });
  }

  #lead(): void {
    this.leads = true;
    this.#joined = true;
    this.#heard = [];
    // Of two that take the lock at once, one is later.
    this.#term = Math.max(this.#term + 1, Date.now()) + Math.random();
    this.#tell({ at: this.#last });
    this.#read();
  }

  /** Not the one that reads any more, and nowhere until the one that does says where it is. */
  #step(): void {
    this.leads = this.#joined = false;
    this.#leave = null;
    this.#stop();
    this.#tabs.postMessage({ asks: true } satisfies Told);
  }

  #tell(told: Told): void {
    this.#tabs.postMessage({ ...told, term: this.#term, types: [...this.#types.keys()] } satisfies Told);
  }

  /** Reads by itself: for all, or until it is where the others are. */
  #read(): void {
    if (this.#joined && !this.leads) return;
    this.#stop();
    const url = new URL(this.#url);
    if (this.#last) url.searchParams.set(TabSource.parameter, this.#last);
    const own = (this.#own = new EventSource(url, this.#init));
    own.onopen = () => this.#state("open", 1);
    own.onerror = (event) => {
      // An event of the server's may have that name.
      if (!(event instanceof MessageEvent)) this.#state("error", own.readyState);
    };
    for (const type of this.#types.keys()) this.#attach(type);
  }

  #stop(): void {
    this.#own?.close();
    this.#own = null;
  }

  #attach(type: string): void {
    const own = this.#own;
    own?.addEventListener(type, (event) => {
      if (own !== this.#own || !(event instanceof MessageEvent)) return;
      const { data, lastEventId } = event;
      // Without an ID of its own, it has that of the event before.
      const id = lastEventId === this.#last ? "" : lastEventId;
      if (this.leads) this.#tell({ type, data, id, at: this.#last });
      this.#deliver({ type, data, id });
      if (!this.leads) this.#meet();
    });
  }

  #state(type: "open" | "error", readyState: number): void {
    if (this.readyState === 2) return;
    if (this.leads) this.#tell({ state: readyState });
    this.readyState = readyState;
    this.#emit(type, new Event(type));
    if (readyState === 2) this.close();
  }

  #emit(type: string, event: object): void {
    for (const listener of this.#types.get(type) ?? []) listener(event);
  }

  #deliver({ type = "", data, id }: Told): void {
    if (id) [this.#last, this.#behind] = [id, 0];
    else this.#behind += 1;
    this.#emit(type, { type, data, lastEventId: this.#last });
  }

  #hear(told: Told): void {
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
    if (told.term === undefined || told.term < this.#term) return;
    if (told.term > this.#term) {
      this.#term = told.term;
      if (this.leads) this.#step();
      // Where that tab begins need not be where this one is.
      this.#joined = false;
      this.#heard = [];
      if (told.at === undefined) this.#tabs.postMessage({ asks: true } satisfies Told);
    } else if (this.leads) return;
    this.#heardAt = Date.now();
    this.#asked = false;
    if (told.state !== undefined) {
      if (this.#joined || told.state === 2) this.#state(told.state === 1 ? "open" : "error", told.state);
    } else if (this.#joined && told.at === this.#last) {
      if (told.type !== undefined) this.#deliver(told);
    } else {
      // A tab that could not listen for a while has a hole here.
      this.#joined = false;
      if (told.type === undefined || this.#ids().filter(Boolean).at(-1) !== told.at) this.#heard = [{ id: told.at ?? "" }];
      if (told.type !== undefined) this.#heard.push(told);
      // It reads by itself, and will be further than the oldest of these soon.
      if (this.#heard.length > 10000) this.#heard.shift();
      this.#meet();
      if (!this.#joined && !this.#own) this.#read();
    }
  }

  /** Goes on with what was heard, if the place of this tab is among it. */
  #meet(): void {
    const at = this.#last ? this.#ids().lastIndexOf(this.#last) : -1;
    if (at < 0) return;
    this.#joined = true;
    this.#stop();
    const next = this.#heard.slice(at + 1).filter(({ type }) => type !== undefined);
    this.#heard = [];
    // Those without an ID that it has seen by itself.
    while (this.#behind-- > 0 && next[0] && !next[0].id) next.shift();
    this.#behind = 0;
    if (this.readyState !== 1) this.#state("open", 1);
    for (const told of next) if (this.readyState < 2) this.#deliver(told);
  }

  #ids(): (string | undefined)[] {
    return this.#heard.map(({ id }) => id);
  }

  /** The tab that reads may be asleep: it holds its lock, and says nothing. */
  #watch(): void {
    if (this.leads || Date.now() - this.#heardAt < TabSource.patience) return;
    if (this.#asked) this.#queue({ steal: true });
    this.#asked = !this.#asked;
    this.#heardAt = Date.now();
    this.#tabs.postMessage({ asks: true } satisfies Told);
  }
}

/** What tabs tell each other. */
interface Told {
  term?: number;
  /** Who listens for these. */
  types?: string[];
  /** Where is the tab that reads? */
  asks?: boolean;
  /** Where the tab that reads is, or was in front of this event: an ID. */
  at?: string;
  state?: number;
  /** An event, and its ID if it has one of its own. */
  type?: string;
  data?: string;
  id?: string;
}
