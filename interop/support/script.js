// A server whose event streams are written beforehand.

import { createServer } from 'node:http';

const PAGE = '<!doctype html>';

/**
 * For how long a stream is silent before it is cut, in milliseconds. What a page has not read by then is lost to it:
 * `fetch` drops it when the body fails. An `EventSource` needs no such time.
 */
const SILENCE = 1000;

/**
 * Serves `streams` at `/events`, one after the other, on a port of its own until the test `t` ends. Each but the last is
 * silent for a while once it is sent, and is then cut in the middle of the body; the last stays open.
 *
 * `lastEventIds` are those of the requests for `/events`, or null.
 */
export async function script(t, streams) {
  const lastEventIds = [];
  const server = createServer((request, response) => {
    // A browser needs a page of the same origin.
    if (request.url !== '/events') return response.setHeader('content-type', 'text/html').end(PAGE);
    const stream = streams[lastEventIds.push(request.headers['last-event-id'] ?? null) - 1];
    // Which tells a client to stop.
    if (stream === undefined) return response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(stream);
    if (lastEventIds.length < streams.length) setTimeout(() => response.destroy(), SILENCE);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${server.address().port}/events`, lastEventIds };
}
