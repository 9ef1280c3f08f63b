// From the enum to a person's eyes.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, until } from '../support/browser.js';
import { collect } from '../support/events.js';
import { start } from '../support/server.js';

const OUT = fileURLToPath(new URL('../out/', import.meta.url));

let server;

before(async () => {
  await mkdir(OUT, { recursive: true });
  server = await start();
});

after(async () => {
  await server?.stop('SIGKILL');
});

const text = (page, name) => page.getByTestId(name).innerText();
const showcase = (page) => page.evaluate(() => window.showcase);
const sequence = (id) => Number(id.split('-')[1]);

/** Fails unless the IDs are of one epoch, without a hole and without a second copy. */
function assertWhole(ids) {
  assert.equal(new Set(ids.map((id) => id.split('-')[0])).size, 1, 'one epoch');
  ids.forEach((id, index) => {
    assert.equal(sequence(id), sequence(ids[0]) + index, `behind ${ids[index - 1]} comes ${id}`);
  });
}

test('events arrive and are drawn', async () => {
  const { page, requests, errors, close } = await open(server.url);
  try {
    await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length >= 12);
    const { drawn } = await showcase(page);
    assert.ok(drawn > 0, 'points were drawn');
    await until(page, (drawn) => window.showcase.drawn > drawn, drawn);
    for (const chart of ['cpu-chart', 'memory-chart', 'network-chart']) {
      const inks = await page.getByTestId(chart).locator('canvas').first().evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
      assert.ok(inks > 3, `${chart} shows more than its background`);
    }
    assert.match(await text(page, 'processes'), /\w/);
    assert.match(await text(page, 'log'), /showcase/);
    const { lastEventId, seen } = await showcase(page);
    assert.ok(seen.includes(lastEventId));
    assert.match(await text(page, 'last-event-id'), /^[0-9a-z]{8}-\d+$/);
    assert.deepEqual(requests.filter((url) => !url.startsWith(server.url)), [], 'no request to another host');
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

test('a cut connection loses nothing and doubles nothing', async () => {
  const { page, close } = await open(server.url);
  const witness = await collect(`${server.url}/events`);
  try {
    await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length > 0);
    const cuts = 4;
    for (let cut = 1; cut <= cuts; cut += 1) {
      await page.getByTestId('cut').click();
      await until(page, (count) => window.showcase.connections.length > count, cut);
      await until(page, () => window.showcase.state === 'live');
    }
    const { seen: before } = await showcase(page);
    await until(page, (count) => window.showcase.seen.length > count + 8, before.length);

    const { seen, lost, twice, connections } = await showcase(page);
    assertWhole(seen);
    assert.equal(lost, 0);
    assert.equal(twice, 0);
    assert.deepEqual(connections.map(({ kind }) => kind), ['first', ...Array(cuts).fill('resumed')]);
    const missed = connections.slice(1).reduce((sum, { replayed }) => sum + replayed, 0);
    assert.ok(missed > 0, 'events flowed while the connection was cut');

    // One who was never cut has seen the same.
    const until_last = witness.ids.slice(0, witness.ids.indexOf(seen.at(-1)) + 1);
    const from = until_last.indexOf(seen[0]);
    assert.ok(from >= 0);
    assert.deepEqual(seen, until_last.slice(from));
    assert.equal(await page.getByTestId('connections').locator('[data-kind="resumed"]').count(), cuts);
  } finally {
    await witness.close();
    await close();
  }
});

test('a server that was killed is a reset with its reason, and goes on', async () => {
  let doomed = await start();
  const { page, close } = await open(doomed.url);
  try {
    await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length > 4);
    const { lastEventId: old } = await showcase(page);
    assert.equal((await doomed.stop('SIGKILL')).signal, 'SIGKILL');
    await until(page, () => window.showcase.state === 'reconnecting');

    doomed = await start(doomed.port);
    await until(page, () => window.showcase.connections.at(-1).kind === 'reset');
    const reset = (await showcase(page)).connections.at(-1);
    assert.deepEqual([reset.reason, reset.missed], ['epoch', null]);
    const entry = page.getByTestId('connections').locator('[data-kind="reset"]').first();
    assert.match(await entry.innerText(), /epoch/);
    await page.screenshot({ path: `${OUT}reset.png`, fullPage: true });

    await until(page, (old) => window.showcase.lastEventId.split('-')[0] !== old.split('-')[0], old);
    const { seen } = await showcase(page);
    await until(page, (count) => window.showcase.seen.length > count + 4, seen.length);
    const after = (await showcase(page)).seen.filter((id) => id.split('-')[0] !== old.split('-')[0]);
    assertWhole(after);
    assert.equal((await showcase(page)).state, 'live');
  } finally {
    await close();
    await doomed.stop('SIGKILL');
  }
});

test('a server with a file that was killed goes on where the page was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'showcase-'));
  const store = ['--store', `redb:${join(folder, 'showcase.redb')}`];
  let doomed = await start(0, ...store);
  const { page, close } = await open(doomed.url);
  const kills = 3;
  try {
    await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length > 4);
    for (let kill = 1; kill <= kills; kill += 1) {
      assert.equal((await doomed.stop('SIGKILL')).signal, 'SIGKILL');
      doomed = await start(doomed.port, ...store);
      await until(page, (count) => window.showcase.connections.length > count, kill);
      const { seen } = await showcase(page);
      await until(page, (count) => window.showcase.state === 'live' && window.showcase.seen.length > count + 4, seen.length);
    }
    const { seen, lost, twice, connections } = await showcase(page);
    assert.deepEqual([lost, twice], [0, 0]);
    assert.deepEqual(connections.map(({ kind }) => kind), ['first', ...Array(kills).fill('resumed')]);
    assertWhole(seen);
  } finally {
    await close();
    await doomed.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});

test('light, dark and phone', async () => {
  const looks = {
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
    small: { colorScheme: 'dark', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true },
  };
  const backgrounds = {};
  for (const [name, options] of Object.entries(looks)) {
    const { page, close } = await open(server.url, options);
    try {
      await until(page, () => window.showcase?.state === 'live' && window.showcase.seen.length > 20);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px`);
      backgrounds[name] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await page.screenshot({ path: `${OUT}${name}.png`, fullPage: true });
    } finally {
      await close();
    }
  }
  assert.notEqual(backgrounds.light, backgrounds.dark);
});

test('the server stops within its drain window with a hundred open streams', async () => {
  const stopping = await start();
  try {
    const streams = await Promise.all(Array.from({ length: 100 }, () => collect(`${stopping.url}/events`)));
    for (const stream of streams) {
      assert.equal(stream.response.headers.get('content-type'), 'text/event-stream');
    }
    assert.deepEqual(await stopping.stop('SIGTERM'), { code: 0, signal: null });
    for (const stream of streams) {
      assert.match(await stream.ended, /^retry: \d+\n$/, 'each ends with a reconnection time, and properly');
      assertWhole(stream.ids);
    }
  } finally {
    await stopping.stop('SIGKILL');
  }
});

test('HEAD and an unknown client are answered', async () => {
  const head = await fetch(`${server.url}/events`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('x-accel-buffering'), 'no');
  const cut = await fetch(`${server.url}/cut?client=nobody`, { method: 'POST' });
  assert.equal(cut.status, 404);
});
