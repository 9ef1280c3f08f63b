// Behind nginx, haproxy and caddy: what they add to the way of an event, and how many streams a browser gets.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { browse } from '../support/browser.js';
import { measure } from '../support/latency.js';
import { table } from '../support/print.js';
import { caddy, haproxy, nginx } from '../support/proxies.js';
import { serve } from '../support/server.js';
import { until } from '../support/wait.js';
import { without } from '../support/without.js';

const EVENTS = 200;
const BOUND = 50;

const results = {};
after(() => table(results));

describe('from publish to the byte of the client, in milliseconds', () => {
  test('directly', async (t) => {
    await assertPassedOn(t, 'directly', (t, port) => ({ url: `http://127.0.0.1:${port}/events` }));
  });

  test('nginx', async (t) => {
    await assertPassedOn(t, 'nginx', nginx);
  });

  test('nginx that compresses everything', async (t) => {
    const edit = (config) => config.replace('gzip on;', 'gzip on; gzip_types *;');
    const options = { headers: { 'accept-encoding': 'gzip' }, coding: 'gzip' };
    await assertPassedOn(t, 'nginx, gzip', (t, port) => nginx(t, port, { edit }), options);
  });

  test('caddy', async (t) => {
    await assertPassedOn(t, 'caddy', caddy);
  });

  test('haproxy', async (t) => {
    await assertPassedOn(t, 'haproxy', haproxy);
  });

  test('haproxy holds events back without `option http-no-delay`', async (t) => {
    const edit = (config) => config.replace('option http-no-delay', '');
    await assertHeldBack(t, 'haproxy, no http-no-delay', (t, port) => haproxy(t, port, { edit }));
  });

  // The same way through one more server, with the field and without it: what passes above could fail.
  test('nginx passes events on because of `X-Accel-Buffering`', async (t) => {
    await assertPassedOn(t, 'nginx, relayed', behindNginx([]));
    await assertPassedOn(t, 'nginx, no Cache-Control', behindNginx(['cache-control']));
    await assertHeldBack(t, 'nginx, no X-Accel-Buffering', behindNginx(['x-accel-buffering']));
  });
});

describe('the timeouts of haproxy', () => {
  const short = { edit: (config) => config.replace(/timeout (client|server) .*/g, 'timeout $1 1s') };

  test('end a stream that is idle for longer', async (t) => {
    const server = await serve(t, 'axum', { every: 600_000 });
    const { url } = await haproxy(t, server.port, short);
    const { body } = await fetch(url);
    await assert.rejects(async () => {
      for await (const _ of body);
    });
  });

  test('leave alone one that is not', async (t) => {
    const options = { every: 100, events: 50 };
    await assertPassedOn(t, 'haproxy, timeouts of 1 s', (t, port) => haproxy(t, port, short), options);
  });
});

describe('ten streams of one page', () => {
  test('share one connection by HTTP/2', async (t) => {
    const { proxy, page, close } = await tenStreams(t, (config) => config);
    await untilTicks(page, (sources) => sources.every(({ ticks }) => ticks >= 5));
    await close();
    const requests = await streamsOf(proxy, 10);
    assert.deepEqual(new Set(requests.map(({ protocol }) => protocol)), new Set(['HTTP/2.0']));
    assert.equal(new Set(requests.map(({ connection }) => connection)).size, 1);
    results['ten streams, HTTP/2'] = { open: 10, connections: 1 };
  });

  test('wait for one of six connections by HTTP/1.1', async (t) => {
    const { proxy, page, close } = await tenStreams(t, (config) => config.replace(' http2', ''));
    const six = await untilTicks(page, (sources) => sources.filter(({ ticks }) => ticks >= 10).length >= 6);
    assert.equal(six.filter(({ ticks }) => ticks > 0).length, 6);
    assert.equal(six.filter(({ state }) => state === 0).length, 4, 'the others are still connecting');

    await page.evaluate(() => window.sources.find(({ readyState }) => readyState === 1).close());
    const seven = await untilTicks(page, (sources) => sources.filter(({ ticks }) => ticks > 0).length >= 7);
    assert.equal(seven.filter(({ state }) => state === 1).length, 6);
    await close();
    const requests = await streamsOf(proxy, 7);
    assert.deepEqual(new Set(requests.map(({ protocol }) => protocol)), new Set(['HTTP/1.1']));
    assert.equal(new Set(requests.map(({ connection }) => connection)).size, 7);
    results['ten streams, HTTP/1.1'] = { open: 6, connections: 6 };
  });
});

/**
 * The median has to be within the bound. Not the slowest events: on a busy machine they tell how long the processes
 * wait for a processor, while a proxy that holds events back does so with most of them.
 */
async function assertPassedOn(t, name, proxied, options = {}) {
  const { coding, median } = await delays(t, name, proxied, options);
  assert.equal(coding, options.coding ?? 'identity');
  assert.ok(median <= BOUND, `${median} ms`);
}

async function assertHeldBack(t, name, proxied) {
  const { median } = await delays(t, name, proxied);
  assert.ok(median > BOUND, `${median} ms: it is said to hold events back, and does not`);
}

async function delays(t, name, proxied, { headers, every = 20, events = EVENTS } = {}) {
  const server = await serve(t, 'axum', { every });
  const { url } = await proxied(t, server.port);
  const { coding, median, p95 } = await measure(url, events, headers);
  results[name] = { median, p95 };
  return { coding, median };
}

/** nginx in front of a server that takes header fields away. */
function behindNginx(names) {
  return async (t, port) => nginx(t, await without(t, port, names));
}

/** A page behind nginx with TLS that has opened ten streams. */
async function tenStreams(t, protocol) {
  // An empty page of the same origin.
  const empty = "location = / { return 200 ''; default_type text/html; }";
  const page = (config) => config.replace('location /events', `${empty}\n    $&`);
  const server = await serve(t, 'axum');
  const proxy = await nginx(t, server.port, { site: 'nginx http2', edit: (config) => protocol(page(config)) });
  const browser = await browse(`https://127.0.0.1:${proxy.port}/`);
  t.after(browser.close);
  await browser.page.evaluate(() => {
    window.ticks = Array(10).fill(0);
    window.sources = window.ticks.map((_, index) => {
      const source = new EventSource('/events');
      for (const type of ['tick', 'tock']) source.addEventListener(type, () => (window.ticks[index] += 1));
      return source;
    });
  });
  return { proxy, ...browser };
}

/** Waits until `condition` holds of the page's streams, and returns their states and how many ticks each had. */
async function untilTicks(page, condition) {
  const read = () =>
    page.evaluate(() => window.sources.map(({ readyState: state }, index) => ({ state, ticks: window.ticks[index] })));
  let sources;
  await until(() => JSON.stringify(sources), async () => condition((sources = await read())));
  return sources;
}

/** The requests for `/events` that nginx has logged, once there are so many. */
async function streamsOf(proxy, count) {
  const read = async () => {
    const lines = (await proxy.log()).split('\n').map((line) => line.split(' '));
    const streams = lines.filter(([, , uri]) => uri === '/events');
    return streams.map(([connection, protocol]) => ({ connection, protocol }));
  };
  let requests = [];
  await until(() => `${count} of ${JSON.stringify(requests)}`, async () => (requests = await read()).length >= count);
  assert.equal(requests.length, count);
  return requests;
}
