// A server in between that takes a header field away.

import { createServer, get } from 'node:http';

/** Passes on what the server at `port` answers, without the header fields `names`, until the test `t` ends. */
export async function without(t, port, names) {
  const server = createServer((request, response) => {
    const upstream = get({ port, path: request.url, agent: false }, (answer) => {
      // Those of the connection are Node's own: nginx asks by HTTP/1.0, and gets a body that ends with the connection.
      const hidden = [...names, 'connection', 'transfer-encoding'];
      const fields = Object.entries(answer.headers).filter(([name]) => !hidden.includes(name));
      response.writeHead(answer.statusCode, Object.fromEntries(fields));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return server.address().port;
}
