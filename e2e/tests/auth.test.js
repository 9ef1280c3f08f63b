// The page of `examples/auth`, whose client is generated, in a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, until } from '../support/browser.js';
import { run } from '../support/server.js';

test('who logs in reads what it may, and goes on where it was', async () => {
  const server = await run('auth', ['127.0.0.1:0']);
  const { page, errors, close } = await open(server.url);
  try {
    await page.fill('[name=user]', 'alice');
    await page.fill('[name=password]', 'looking-glass');
    await page.click('#login button');
    await until(page, () => document.querySelectorAll('#arrived .kind').length >= 2);
    const kinds = await page.locator('#arrived .kind').allInnerTexts();
    assert.deepEqual(kinds.filter((kind) => !['news', 'order'].includes(kind)), []);
    assert.match(await page.locator('#arrived .data').first().innerText(), /^\{"(headline|number)":/);

    // Closed and opened again: behind the last event, by the query of a new stream.
    await page.click('#close');
    const before = await page.locator('#last').innerText();
    const count = await page.locator('#arrived li').count();
    const asked = page.waitForRequest((request) => request.url().includes('/events?'));
    await page.click('#open');
    assert.equal(new URL((await asked).url()).searchParams.get('last_event_id'), before);
    await until(page, (count) => document.querySelectorAll('#arrived li').length > count, count);
    assert.equal(await page.locator('#state').innerText(), 'live');
    const numbers = await page.locator('#arrived .data').allInnerTexts();
    const orders = numbers.map((data) => JSON.parse(data).number).filter((number) => number !== undefined);
    assert.deepEqual(orders, [...new Set(orders)].sort((a, b) => b - a), 'each once, the newest first');
    assert.deepEqual(errors, []);
  } finally {
    await close();
    await server.stop('SIGKILL');
  }
});
