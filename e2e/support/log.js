// A server with a log of numbered events, which it replays behind the last event ID, and with a page that reads them in a tab.

import { createServer } from 'node:http';
import { javascript } from './modules.js';

const PAGE = `<!doctype html><title>tab</title><script type="module">
import { openMarket, TabSource } from "/market.js";
TabSource.patience = 400;
window.TabSource = class extends TabSource {
  constructor(...args) {
    super(...args);
    window.source = this;
  }
};
window.seen = [];
window.live = 0;
const market = openMarket("/events", { EventSource: window.TabSource });
market.on("old", ({ data, lastEventId }) => seen.push([data, lastEventId]));
market.on("line", () => (window.live += 1));
market.on("message", () => seen.push(["done"]));
window.market = market;
</script>`;

/** Starts it. `publish` adds an event; `connections` are open now. */
export async function startLog() {
  const log = [];
  const connections = new Set();
  const state = { slow: false };
  let done = false;
  const write = (response, [kind, number]) =>
    response.write(kind === 'old' ? `event: old\nid: log-${number}\ndata: ${number}\n\n` : 'event: line\ndata: live\n\n');
  const end = (response) => response.end('data: [DONE]\n\n');
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/market.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(javascript('market-tabs.js'));
    } else if (pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 50\n: hello\n\n');
      const last = request.headers['last-event-id'] ?? searchParams.get('last_event_id');
      const begin = () => {
        if (last) for (let i = Number(last.slice(4)) + 1; i < log.length; i += 1) write(response, ['old', i]);
        if (done) return void end(response);
        connections.add(response);
        response.on('close', () => connections.delete(response));
      };
      if (state.slow) setTimeout(begin, 200);
      else begin();
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publish = () => {
    log.push(log.length);
    for (const response of connections) {
      write(response, ['old', log.length - 1]);
      // Live only: it has no ID, and is never replayed.
      if (log.length % 5 === 0) write(response, ['line']);
    }
  };
  const timer = setInterval(publish, 10);
  return {
    url: `http://localhost:${server.address().port}/`,
    connections,
    /** Whether what is opened begins late. */
    state,
    get published() {
      return log.length;
    },
    /** Ends the stream for good. */
    finish() {
      clearInterval(timer);
      done = true;
      for (const response of connections) end(response);
    },
    stop() {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}
