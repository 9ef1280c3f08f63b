function openStream(specs, reset, url, options = {}) {
  const listeners = /* @__PURE__ */ new Map();
  const others = /* @__PURE__ */ new Set();
  let source;
  let state = "connecting";
  let lastEventId = options.lastEventId ?? "";
  const listen = (key, listener) => {
    const set = listeners.get(key) ?? /* @__PURE__ */ new Set();
    listeners.set(key, set.add(listener));
    return () => void set.delete(listener);
  };
  const tell = (key, value) => {
    const set = listeners.get(key);
    for (const listener of set ?? []) listener(value);
    return set?.size;
  };
  const become = (next) => {
    if (next !== state) tell("*", state = next);
  };
  const closed = () => state === "ended" || state === "closed";
  const take = (type, { data: text, lastEventId: id }) => {
    lastEventId = id || lastEventId;
    const spec = Object.hasOwn(specs, type) ? specs[type] : void 0;
    tell(":" + type, { type, data: text, lastEventId });
    if (!spec) return;
    let event;
    try {
      const fixed = spec.fixed?.includes(text);
      const data = fixed ? text : spec.read(text);
      const tag = fixed || !spec.tag ? void 0 : data?.[spec.tag];
      if (spec.tag && !fixed && !spec.names.includes(tag)) return;
      event = { type: tag ?? type, data, lastEventId };
    } catch (cause) {
      const error = new Error(`event ${type}: ${cause}`, { cause });
      tell("?", error);
      if (!tell("!", error)) throw error;
      return;
    }
    const ends = spec.end === true || spec.end?.includes(spec.fixed?.includes(text) ? text : event.type);
    if (ends) source.close();
    try {
      tell("?", event);
      tell("." + event.type, event);
    } finally {
      if (ends) become("ended");
    }
  };
  const attach = (type) => source.addEventListener(type, (event) => {
    if (!closed() && event.data !== void 0) take(type, event);
  });
  const connect = () => {
    const to = new URL(url, globalThis.document?.baseURI);
    if (lastEventId) to.searchParams.set(options.lastEventIdParameter ?? "last_event_id", lastEventId);
    const opened = new (options.EventSource ?? EventSource)(to.href, { withCredentials: !!options.withCredentials });
    source = opened;
    opened.addEventListener("open", (event) => {
      if (event.data === void 0 && !closed()) become("open");
    });
    opened.addEventListener("error", (event) => {
      if (event.data !== void 0 || closed()) return;
      if (opened.readyState < 2 || options.reopenAfter !== void 0) become("connecting");
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
    on: (type, listener) => listen("." + type, listener),
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
      const queue = [];
      let wake = () => {
      };
      const forget = listen("?", (event) => {
        const most = options.buffer ?? 1e4;
        if (queue.length <= most) queue.push(queue.length < most ? event : new Error(`more than ${most} events wait`));
        wake();
      });
      const forgetState = listen("*", () => wake());
      try {
        for (; ; ) {
          while (queue.length) {
            const event = queue.shift();
            if (event instanceof Error) throw event;
            yield event;
          }
          if (closed()) return;
          await new Promise((resolve) => wake = resolve);
        }
      } finally {
        forget();
        forgetState();
      }
    }
  };
}
