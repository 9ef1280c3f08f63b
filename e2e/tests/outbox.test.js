// The shop of `examples/outbox`: what is committed is told, and nothing else, whatever is cut or killed.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { open, until } from '../support/browser.js';
import { startPostgres } from '../support/postgres.js';
import { run } from '../support/server.js';

const OUT = fileURLToPath(new URL('../out/', import.meta.url));

/** The numbers of the orders that the page was told of, in that order: by the office, and by its customer. */
const told = (page) =>
  page.evaluate(() => ({
    office: outbox.office.orders.map(({ order }) => order),
    own: outbox.own().orders.map(({ order }) => order),
    twice: outbox.office.twice + outbox.own().twice,
  }));

/** Orders, and waits for the answer. */
async function pay(page, url, item, card) {
  const answered = page.waitForResponse((response) => response.url() === `${url}/orders`);
  await page.click(`[data-order="${item} ${card}"]`);
  const response = await answered;
  return { status: response.status(), ...(await response.json()) };
}

const live = (page) => until(page, () => outbox.office.state === 'open' && outbox.own().state === 'open' && outbox.rows().items.length > 0);

/** Waits until the page was told of so many orders by both. */
const toldOf = (page, office, own) =>
  until(page, ([office, own]) => outbox.office.orders.length === office && outbox.own().orders.length === own, [office, own]);

async function order(url, customer, item, card = 'good') {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify({ customer, item, card }) });
  return { status: response.status, ...(await response.json()) };
}

test('what is committed is told, and nothing else', async () => {
  await mkdir(OUT, { recursive: true });
  const postgres = await startPostgres();
  let shop = await run('outbox', ['127.0.0.1:0', postgres.url]);
  const other = await run('outbox', ['127.0.0.1:0', postgres.url]);
  const { url, port } = shop;
  const { page, requests, errors, close } = await open(url);
  try {
    await live(page);
    // One that is placed is told to both.
    const first = await pay(page, url, 'Lamp', 'good');
    assert.equal(first.status, 201);
    await toldOf(page, 1, 1);
    // One whose card is refused, and one of what is sold out, were told to both within their transactions. Nobody hears of them.
    assert.equal((await pay(page, url, 'Lamp', 'refused')).status, 402);
    const table = await pay(page, url, 'Table', 'good');
    const none = await pay(page, url, 'Table', 'good');
    assert.deepEqual([table.status, none.status, none.refused], [201, 409, 'out of stock']);
    // What a server publishes, the clients of all servers get.
    const third = await order(other.url, 'ada', 'Chair');
    await toldOf(page, 3, 3);
    const expected = [first.order, table.order, third.order];
    assert.deepEqual(await told(page), { office: expected, own: expected, twice: 0 });
    const rows = (await (await fetch(`${url}/rows`)).json()).orders;
    assert.deepEqual(rows.toReversed(), expected);
    assert.match(await page.locator('#stock').innerText(), /Lamp: 39 left .* Table: 0 left/);

    // A rush; what it rolls back is not told either.
    await page.click('#rush');
    await until(page, () => /placed/.test(document.getElementById('said').textContent));
    assert.equal(await page.locator('#said').innerText(), '13 placed, 7 rolled back.');
    await until(page, () => outbox.office.orders.length === 16);
    await page.locator('#orders button').last().click();
    await until(page, () => outbox.own().events.some(({ type }) => type === 'order_sent'));
    await until(page, () => document.getElementById('rows').textContent === '16');
    await page.screenshot({ path: `${OUT}outbox.png`, fullPage: true });

    // Cut off, it misses nothing: it goes on where it was.
    await page.click('#office-cut');
    await order(other.url, 'grace', 'Lamp');
    assert.equal((await told(page)).office.length, 16);
    await page.click('#office-cut');
    await until(page, () => outbox.office.orders.length === 17);

    // So it is when its server is killed, orders go to another one, and it is started again.
    await shop.stop('SIGKILL');
    await order(other.url, 'ada', 'Lamp');
    shop = await run('outbox', [`127.0.0.1:${port}`, postgres.url]);
    await until(page, () => outbox.office.orders.length === 18);
    await live(page);

    // And when the database is killed.
    await postgres.killAndStart();
    for (;;) {
      const placed = await order(url, 'ada', 'Lamp').catch(() => ({ status: 503 }));
      if (placed.status === 201) break;
      assert.equal(placed.status, 503);
    }
    await until(page, () => outbox.office.orders.length === 19);

    // What a page is told that comes anew is the same.
    const before = await told(page);
    assert.equal(before.twice, 0);
    const numbers = (await (await fetch(`${url}/rows`)).json()).orders;
    assert.deepEqual(before.office.toSorted((a, b) => b - a), numbers);
    await page.reload();
    await live(page);
    await until(page, () => outbox.office.orders.length === 19);
    assert.deepEqual(await told(page), before);
    for (const fact of ['missing', 'phantoms', 'twice']) assert.equal(await page.locator(`#${fact}`).innerText(), '0');
    assert.deepEqual(requests.filter((request) => !request.startsWith(url)), [], 'no request to another host');
    assert.deepEqual(errors, []);
  } finally {
    await close();
    await Promise.all([shop.stop('SIGKILL'), other.stop('SIGKILL')]);
    await postgres.stop();
  }
});
