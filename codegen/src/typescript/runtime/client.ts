/** One event of a stream, or of the type `T` alone. */
export type Dispatched<M, T extends keyof M = keyof M> = {
  [K in T]: {
    readonly type: K;
    readonly data: M[K];
    /** The last event ID at that moment: of an event without an ID, that of the one before. */
    readonly lastEventId: string;
  };
}[T];

/**
 * `ended` when a terminal event has come, `closed` by `close()` or when the server refused: an `EventSource` does not come back
 * then, and does not say why.
 */
export type State = "connecting" | "open" | "ended" | "closed";

/** What a stream needs of an `EventSource`: the browser's, or that of the npm package `eventsource`. */
export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: any) => void): void;
  close(): void;
}

export interface Options {
  /** Cookies for another origin, which has to allow it. Default: false. */
  withCredentials?: boolean;
  /** Default: the browser's own. */
  EventSource?: new (url: string, init: { withCredentials: boolean }) => Source;
  /** Where to go on, by a parameter of the query, since no `EventSource` takes it otherwise. The server has to read it. */
  lastEventId?: string;
  /** What that parameter is called. Default: `last_event_id`. */
  lastEventIdParameter?: string;
  /**
   * Opens a new `EventSource` so many milliseconds after the server refused, as a proxy does with a 502, from the last event ID
   * on. A stream that is done looks the same from here, so leave it out where the server answers 204. Default: never.
   */
  reopenAfter?: number;
  /** How many events wait for a `for await` that is busy; with one more it throws. Default: 10000. */
  buffer?: number;
}

export interface Stream<M, R extends keyof M = never> extends AsyncIterable<Dispatched<M>> {
  readonly state: State;
  readonly lastEventId: string;
  /** Calls `listener` for each event of this type, until the function that it returns is called. */
  on<T extends keyof M>(type: T, listener: (event: Dispatched<M, T>) => void): () => void;
  /** The same where the server could not resume, and says what is missing. */
  onReset(listener: (event: Dispatched<M, R>) => void): () => void;
  /** The same for any event type, such as one that is not in the catalogue. The data is text, as it came. */
  onOther(type: string, listener: (event: { type: string; data: string; lastEventId: string }) => void): () => void;
  onState(listener: (state: State) => void): () => void;
  /** The same for data that is not what it has to be. Without a listener it is an uncaught error. */
  onError(listener: (error: unknown) => void): () => void;
  close(): void;
}

interface Spec {
  read: (text: string) => unknown;
  /** The member that tells apart what has this event type, and its values. */
  tag?: string;
  names?: string[];
  /** Texts that are no JSON. */
  fixed?: string[];
  /** Which names or fixed texts are terminal; `true` for all. */
  end?: true | string[];
}

function openStream<M, R extends keyof M>(
  specs: Record<string, Spec>,
  reset: string,
  url: string | URL,
  options: Options = {},
): Stream<M, R> {
  type Listener = (value: any) => void;
  const listeners = new Map<string, Set<Listener>>();
  const others = new Set<string>();
  let source: Source;
  let state: State = "connecting";
  let lastEventId = options.lastEventId ?? "";

  // By "." and the name of an event, ":" and an event type, "?" for all that is read, "*" for states, "!" for errors.
  const listen = (key: string, listener: Listener) => {
    const set = listeners.get(key) ?? new Set();
    listeners.set(key, set.add(listener));
    return () => void set.delete(listener);
  };
  const tell = (key: string, value: unknown) => {
    const set = listeners.get(key);
    for (const listener of set ?? []) listener(value);
    return set?.size;
  };
  const become = (next: State) => {
    if (next !== state) tell("*", (state = next));
  };
  const closed = () => state === "ended" || state === "closed";

  const take = (type: string, { data: text, lastEventId: id }: { data: string; lastEventId: string }) => {
    lastEventId = id || lastEventId;
    const spec = Object.hasOwn(specs, type) ? specs[type] : undefined;
    tell(":" + type, { type, data: text, lastEventId });
    if (!spec) return;
    let event: { type: string; data: unknown; lastEventId: string };
    try {
      const fixed = spec.fixed?.includes(text);
      const data: any = fixed ? text : spec.read(text);
      const tag = fixed || !spec.tag ? undefined : data?.[spec.tag];
      // Of a newer server, as an event type that nobody knows.
      if (spec.tag && !fixed && !spec.names!.includes(tag)) return;
      event = { type: tag ?? type, data, lastEventId };
    } catch (cause) {
      const error = new Error(`event ${type}: ${cause}`, { cause });
      tell("?", error);
      if (!tell("!", error)) throw error;
      return;
    }
    const ends = spec.end === true || spec.end?.includes(spec.fixed?.includes(text) ? text : event.type);
    // Before anybody is told: whoever throws does not keep the stream open.
    if (ends) source.close();
    try {
      tell("?", event);
      tell("." + event.type, event);
    } finally {
      if (ends) become("ended");
    }
  };

  const attach = (type: string) =>
    source.addEventListener(type, (event) => {
      // An `error` and an `open` of the browser's own have no data.
      if (!closed() && event.data !== undefined) take(type, event);
    });

  const connect = () => {
    const to = new URL(url, globalThis.document?.baseURI);
    if (lastEventId) to.searchParams.set(options.lastEventIdParameter ?? "last_event_id", lastEventId);
    const opened = new (options.EventSource ?? EventSource)(to.href, { withCredentials: !!options.withCredentials });
    source = opened;
    opened.addEventListener("open", (event) => {
      if (event.data === undefined && !closed()) become("open");
    });
    opened.addEventListener("error", (event) => {
      if (event.data !== undefined || closed()) return;
      if (opened.readyState < 2 || options.reopenAfter !== undefined) become("connecting");
      else become("closed");
      if (opened.readyState === 2 && !closed()) setTimeout(() => closed() || connect(), options.reopenAfter);
    });
    for (const type of [...Object.keys(specs), ...others]) attach(type);
  };
  connect();

  return {
    get state() {
      return state;
    },
    get lastEventId() {
      return lastEventId;
    },
    on: (type, listener) => listen("." + (type as string), listener),
    onReset: (listener) => listen("." + reset, listener),
    onOther(type, listener) {
      if (!Object.hasOwn(specs, type) && !others.has(type)) {
        others.add(type);
        attach(type);
      }
      return listen(":" + type, listener);
    },
    onState: (listener) => listen("*", listener),
    onError: (listener) => listen("!", listener),
    close() {
      source.close();
      if (!closed()) become("closed");
    },
    async *[Symbol.asyncIterator]() {
      const queue: any[] = [];
      let wake = () => {};
      const forget = listen("?", (event) => {
        const most = options.buffer ?? 10000;
        if (queue.length <= most) queue.push(queue.length < most ? event : new Error(`more than ${most} events wait`));
        wake();
      });
      const forgetState = listen("*", () => wake());
      try {
        for (;;) {
          while (queue.length) {
            const event = queue.shift();
            if (event instanceof Error) throw event;
            yield event;
          }
          if (closed()) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        forget();
        forgetState();
      }
    },
  };
}
