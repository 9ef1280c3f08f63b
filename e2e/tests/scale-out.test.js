// Three servers on one Redis behind one address, as `examples/scale-out` has them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, until } from '../support/browser.js';
import { freePort, startRedis } from '../support/redis.js';
import { run, start } from '../support/server.js';

test('a page whose servers are killed one after the other misses nothing', async () => {
  const redis = await startRedis();
  const store = ['--store', `redis:${redis.url}`];
  const servers = await Promise.all([0, 0, 0].map((port) => start(port, ...store)));
  const balance = await run('scale-out', [await freePort(), ...servers.map(({ port }) => port)].map(String));
  const { page, close } = await open(balance.url);
  try {
    await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length > 12);
    // Each is killed, so the page loses its own whichever that is, and started again.
    for (const [index, { port }] of servers.entries()) {
      await servers[index].stop('SIGKILL');
      servers[index] = await start(port, ...store);
      const { seen } = await page.evaluate(() => window.showcase);
      await until(page, (last) => window.showcase.state === 'live' && window.showcase.seen.at(-1) !== last, seen.at(-1));
      await until(page, (count) => window.showcase.seen.length > count + 12, seen.length);
    }
    const { lost, twice, seen, connections } = await page.evaluate(() => window.showcase);
    assert.deepEqual([lost, twice], [0, 0]);
    const kinds = connections.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['first', ...Array(kinds.length - 1).fill('resumed')]);
    assert.ok(kinds.length > 1, 'its own server was among them');
    assert.equal(new Set(seen).size, seen.length, 'no ID came twice');
  } finally {
    await close();
    await balance.stop('SIGKILL');
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await redis.stop();
  }
});
