// Three tabs on one connection, whatever becomes of the one that reads.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { open, until } from '../../support/browser.js';
import { startLog } from '../../support/log.js';

let server;
let browser;
let tabs;

beforeEach(async () => {
  server = await startLog();
  browser = await open(server.url);
  tabs = [browser.page];
  for (let i = 1; i < 3; i += 1) {
    const page = await browser.page.context().newPage();
    await page.goto(server.url);
    tabs.push(page);
  }
  await one();
});

afterEach(async () => {
  await browser?.close();
  server?.stop();
});

/** Waits until there is one connection, and each of the tabs has news by it. */
async function one() {
  for (const tab of tabs) {
    await until(tab, (at) => window.seen.length > 60 && Number(window.seen.at(-1)[0]) > at, server.published);
  }
  while (server.connections.size !== 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function leader() {
  for (const tab of tabs) if (await tab.evaluate(() => window.source.leads)) return tab;
  throw new Error('nobody reads');
}

/** Fails unless each tab has each event once and in order, from the first that it had. */
async function assertWhole() {
  for (const tab of tabs) {
    const seen = await tab.evaluate(() => window.seen);
    seen.forEach(([number, id], i) => {
      assert.deepEqual([number, id], [seen[0][0] + i, `log-${number}`], `behind ${seen[i - 1]?.[1]} comes ${id}`);
    });
    assert.ok(seen.length > 50, `${seen.length} events`);
  }
}

/**
 * Puts a tab to sleep: nothing runs in it, and what comes waits until it wakes. Chromium freezes no tab with a lock, even when it is
 * asked to, but a machine that is suspended, or another browser, does.
 */
async function sleep(tab) {
  const session = await tab.context().newCDPSession(tab);
  await session.send('Debugger.enable');
  const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
  await session.send('Debugger.pause');
  await paused;
  return async () => {
    await session.send('Debugger.resume');
    await session.send('Debugger.disable');
  };
}

test('one connection for three tabs', async () => {
  await assertWhole();
  const [first] = tabs;
  const seen = () => Promise.all(tabs.map((tab) => tab.evaluate(() => window.live)));
  const before = await seen();
  await until(first, (live) => window.live >= live + 10, before[0]);
  await one();
  const after = await seen();
  // What has no ID comes to all of them, too, and once: as often to each, but for what is on its way.
  for (const [i, live] of after.entries()) assert.ok(Math.abs(live - before[i] - (after[0] - before[0])) <= 3, `${before} ${after}`);
});

test('a tab may have found its place before it knows that another reads', async () => {
  const page = await browser.page.context().newPage();
  await page.addInitScript(() => {
    const { request } = LockManager.prototype;
    LockManager.prototype.request = function (name, options, held) {
      const late = (lock) => (lock ? held(lock) : new Promise((done) => setTimeout(() => done(held(lock)), 500)));
      return request.call(this, name, options, late);
    };
  });
  await page.goto(server.url);
  await until(page, () => window.seen.length > 5);
  server.state.slow = true;
  tabs.push(page);
  await until(page, () => window.seen.length > 100);
  await one();
  await assertWhole();
});

test('the tab that reads is closed', async () => {
  for (let left = 2; left > 0; left -= 1) {
    const tab = await leader();
    tabs = tabs.filter((other) => other !== tab);
    await tab.close();
    await one();
    await assertWhole();
  }
});

test('the tab that reads is killed', async () => {
  const tab = await leader();
  tabs = tabs.filter((other) => other !== tab);
  const session = await tab.context().newCDPSession(tab);
  // It does not answer any more.
  session.send('Page.crash').catch(() => {});
  await one();
  await assertWhole();
});

test('the tab that reads falls asleep, and wakes again', async () => {
  const tab = await leader();
  const wake = await sleep(tab);
  const awake = tabs.filter((other) => other !== tab);
  const all = tabs;
  tabs = awake;
  const at = server.published;
  for (const other of awake) await until(other, (at) => Number(window.seen.at(-1)[0]) > at + 100, at);
  const leads = await Promise.all(awake.map((other) => other.evaluate(() => window.source.leads)));
  assert.equal(leads.filter(Boolean).length, 1, 'another reads');
  await assertWhole();
  await wake();
  tabs = all;
  await one();
  await assertWhole();
});

test('a tab that only listens falls asleep, and wakes again', async () => {
  const reading = await leader();
  const tab = tabs.find((other) => other !== reading);
  const wake = await sleep(tab);
  const at = server.published;
  await until(reading, (at) => Number(window.seen.at(-1)[0]) > at + 100, at);
  await wake();
  await one();
  await assertWhole();
});

test('a terminal event ends all of them', async () => {
  server.finish();
  for (const tab of tabs) {
    await until(tab, () => window.market.state === 'ended');
    const seen = await tab.evaluate(() => window.seen.filter(([done]) => done === 'done').length);
    assert.equal(seen, 1);
    await tab.evaluate(() => window.seen.pop());
  }
  await assertWhole();
});
