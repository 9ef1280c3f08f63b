// A relay between client and server that breaks connections.

import { createServer, connect } from 'node:net';

const PAGE = '<!doctype html>';

/**
 * Relays to `port` on a port of its own, until the test `t` ends. Each stream is cut as the next entry of `cuts` says:
 * `{ events: n, inside: true }` in the middle of the data of an event behind the n-th, by a reset of the connection;
 * `{ events: n }` right behind the n-th event or a later one, by its end. Not before the client has `seen` one of the
 * stream's events, for then it has seen the reconnection time too.
 *
 * `streams` are the requests for `/events`: their last event ID, what was sent back, when they came and ended in
 * milliseconds of one clock, and whether there was no server.
 */
export async function relay(t, port, cuts = [], seen = () => true) {
  const sockets = new Set();
  const self = { port, streams: [] };
  const server = createServer((client) => {
    sockets.add(client).add(serveConnection(client, self, cuts, seen));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return Object.assign(self, { url: `http://127.0.0.1:${server.address().port}` });
}

function serveConnection(client, self, cuts, seen) {
  const upstream = connect(self.port, '127.0.0.1');
  let stream = null;
  let requests = '';
  client.on('data', (chunk) => {
    requests += chunk.toString('latin1');
    // A browser needs a page of the same origin, and the servers have none.
    if (requests.startsWith('GET / ')) return client.end(respond(PAGE));
    upstream.write(chunk);
    for (let end; (end = requests.indexOf('\r\n\r\n')) >= 0; requests = requests.slice(end + 4)) {
      const head = requests.slice(0, end);
      if (!head.startsWith('GET /events')) continue;
      const lastEventId = /^last-event-id: (.*)$/im.exec(head)?.[1] ?? null;
      stream = { lastEventId, came: performance.now(), ended: null, text: '', cut: cuts[self.streams.length] };
      self.streams.push(stream);
    }
  });
  upstream.on('data', (chunk) => {
    if (!stream) return client.write(chunk);
    const sent = stream.text.length;
    stream.text += chunk.toString('latin1');
    // The end of the body, which may come long before that of the connection.
    if (stream.text.endsWith('\r\n0\r\n\r\n')) stream.ended = performance.now();
    const end = stream.cut && seen(stream) ? place(stream, sent) : -1;
    if (end < 0) return client.write(chunk);
    stream.ended = performance.now();
    const cut = () => (stream.cut.inside ? client.resetAndDestroy() : client.destroy());
    client.write(chunk.subarray(0, end - sent), cut);
    upstream.destroy();
  });
  upstream.on('end', () => {
    if (stream) stream.ended ??= performance.now();
    client.end();
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  return upstream;
}

/** Where the text of a stream is cut, not before `sent`; -1 where it is not, or not yet. */
function place({ text, cut }, sent) {
  const starts = [...text.matchAll(/^event: t[io]ck$/gm)].map(({ index }) => index);
  // Behind the ID of an event, which a client must not take for one that it has seen; or behind a whole event.
  const mark = cut.inside ? 'data: {"num' : '\n\n';
  const ends = starts.slice(cut.inside ? cut.events : cut.events - 1).map((start) => {
    const found = text.indexOf(mark, start);
    return found < 0 ? -1 : found + mark.length;
  });
  return ends.find((end) => end > sent) ?? -1;
}

function respond(page) {
  const fields = ['content-type: text/html', `content-length: ${page.length}`, 'connection: close'];
  return `HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n${page}`;
}
