// What the channel counts, told by itself, against what happened.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { open, until } from '../support/browser.js';
import { collect } from '../support/events.js';
import { start } from '../support/server.js';

// Of each test its own: what others did would be counted as well.
let server;

beforeEach(async () => {
  server = await start();
});

afterEach(async () => {
  await server?.stop('SIGKILL');
});

const counters = (page) => page.evaluate(() => window.showcase.counters);

/** Waits for the counters after these. */
async function next(page, { at }) {
  await until(page, (at) => window.showcase.counters.at > at, at);
  return counters(page);
}

/** The counters once the page has its history. Those that came first may have been published in the midst of it. */
async function settled(page) {
  await until(page, () => window.showcase?.counters && window.showcase.seen.length > 4);
  return next(page, await counters(page));
}

/** The counters, and the numbers on the card, in one look. */
const look = (page) =>
  page.evaluate(() => {
    const number = (id) => Number(document.getElementById(`channel-${id}`).textContent.replaceAll(/[^\d]/g, ''));
    const names = ['published', 'retained', 'subscribers', 'subscribed', 'lag', 'delivered', 'live', 'replayed'];
    const reasons = ['epoch', 'trimmed', 'unknown', 'lagged'];
    const of = (ids) => Object.fromEntries(ids.map((id) => [id, number(id)]));
    return { counters: window.showcase.counters, card: of(names), total: number('resets'), resets: of(reasons) };
  });

async function assertCardIsTrue(page) {
  const { counters, card, total, resets } = await look(page);
  const { at, published_bytes, retained_bytes, resets: counted, ...rest } = counters;
  assert.deepEqual(card, { ...rest, live: rest.delivered - rest.replayed });
  assert.deepEqual(resets, counted);
  assert.equal(total, Object.values(counted).reduce((sum, count) => sum + count, 0));
  assert.ok(retained_bytes > 0 && published_bytes >= retained_bytes);
}

test('the counters move, and are counted as no event of the page', async () => {
  const { page, errors, close } = await open(server.url);
  try {
    const before = await settled(page);
    let after = before;
    for (let tick = 0; tick < 3; tick += 1) {
      after = await next(page, after);
      await assertCardIsTrue(page);
    }
    assert.ok(after.published >= before.published + 3);
    assert.ok(after.delivered > before.delivered);
    assert.equal(after.replayed, before.replayed, 'nobody came back');
    assert.deepEqual([after.subscribers, after.subscribed], [1, 1]);

    const { seen, lost, twice } = await page.evaluate(() => window.showcase);
    assert.deepEqual([lost, twice], [0, 0]);
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});

test('what a cut connection has missed is counted as replayed, to the event', async () => {
  const { page, close } = await open(server.url);
  try {
    const { replayed: history } = await settled(page);
    await page.getByTestId('cut').click();
    await until(page, () => window.showcase.connections.length > 1);
    const { kind, replayed } = await page.evaluate(() => window.showcase.connections[1]);
    assert.equal(kind, 'resumed');
    // The line of the log that says so was published when the connection was gone.
    assert.ok(replayed > 0, 'events flowed while the connection was cut');

    await until(page, (history) => window.showcase.counters.replayed > history, history);
    const rise = page.getByTestId('channel-rise');
    await rise.waitFor({ state: 'visible' });
    assert.match(await rise.innerText(), new RegExp(`^\\+${replayed} replayed$`));
    const after = await counters(page);
    assert.equal(after.replayed, history + replayed);
    assert.deepEqual([after.subscribers, after.subscribed], [1, 2]);
    await assertCardIsTrue(page);
    const { lost, twice } = await page.evaluate(() => window.showcase);
    assert.deepEqual([lost, twice], [0, 0]);
  } finally {
    await close();
  }
});

test('a second client is a second subscriber, and has no counters replayed', async () => {
  const { page, close } = await open(server.url);
  try {
    assert.equal((await settled(page)).subscribers, 1);
    const second = await collect(`${server.url}/events`);
    try {
      await until(page, () => window.showcase.counters.subscribers === 2);
      assert.equal((await counters(page)).subscribed, 2);
      await assertCardIsTrue(page);
      assert.equal(await page.locator('#subscribers').innerText(), '2 subscribers');

      const isCounters = (block) => /^event: counters$/m.test(block);
      while (!second.blocks.some(isCounters)) await next(page, await counters(page));
      const [connected, ...rest] = second.blocks;
      const { replay } = JSON.parse(/^data: (.*)$/m.exec(connected)[1]);
      assert.ok(replay > 0);
      assert.ok(rest.findIndex(isCounters) >= replay, 'the counters of before are not replayed');
      assert.deepEqual(rest.filter(isCounters).filter((block) => /^id:/m.test(block)), []);
    } finally {
      await second.close();
    }
    await until(page, () => window.showcase.counters.subscribers === 1);
  } finally {
    await close();
  }
});

test('a restart is counted by the new server, as a reset for its epoch', async () => {
  const { page, close } = await open(server.url);
  try {
    const old = await settled(page);
    assert.deepEqual(old.resets, { epoch: 0, trimmed: 0, unknown: 0, lagged: 0 });
    await server.stop('SIGKILL');
    await until(page, () => window.showcase.state === 'reconnecting');
    assert.equal(await page.getByTestId('channel').getAttribute('data-stale'), 'true');

    server = await start(server.port);
    await until(page, (at) => window.showcase.counters.at > at && window.showcase.counters.resets.epoch > 0, old.at);
    const { resets, subscribed } = await counters(page);
    assert.deepEqual(resets, { epoch: 1, trimmed: 0, unknown: 0, lagged: 0 });
    assert.equal(subscribed, 1, 'it counts from zero');
    assert.equal(await page.getByTestId('channel').getAttribute('data-stale'), 'false');
    await assertCardIsTrue(page);
  } finally {
    await close();
  }
});
