// The client of a module, without a server and with one.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mock, test } from 'node:test';
import { EventSource } from 'eventsource';
import { load } from '../../support/modules.js';
import { Fake } from '../../support/source.js';

const { openMarket } = await load('market.ts');
const { openChat } = await load('chat.ts');
const price = { seq: 1, symbol: 'ACME', price: 1.5, 'x-y': [1, true], sides: {} };
const opened = (options = {}) => [openMarket('http://localhost/prices?a=1', { EventSource: Fake, ...options }), Fake.last];

/** Lets what waits go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each event goes to who listens for it', () => {
  const [market, source] = opened();
  const heard = [];
  const forget = market.on('price_changed', (event) => heard.push(event));
  market.on('audio', ({ data }) => heard.push([...data]));
  market.on('line', ({ data }) => heard.push(data));
  market.onReset(({ data }) => heard.push(data.missed));
  source.dispatch('price_changed', JSON.stringify(price), 'a-1');
  source.dispatch('line', '{"no": json');
  source.dispatch('audio', 'AP8=', 'a-2');
  source.dispatch('reset', '{"reason":"trimmed","missed":3}', 'a-9');
  source.dispatch('hasOwnProperty', '1');
  forget();
  source.dispatch('price_changed', JSON.stringify(price), 'a-10');
  assert.deepEqual(heard, [{ type: 'price_changed', data: price, lastEventId: 'a-1' }, '{"no": json', [0, 255], 3]);
  assert.equal(market.lastEventId, 'a-10');
});

test('events of one type by their tag, and one that a newer server has', async () => {
  const chat = openChat('http://localhost/', { EventSource: Fake });
  const heard = [];
  const read = (async () => {
    const types = [];
    for await (const { type } of chat) types.push(type);
    return types;
  })();
  chat.on('text_delta', ({ data }) => heard.push(data.text));
  chat.on('message', ({ data }) => heard.push(data));
  chat.onOther('message', ({ data }) => heard.push(JSON.stringify(data)));
  Fake.last.dispatch('message', '{"kind":"text_delta","text":"a"}');
  Fake.last.dispatch('message', '{"kind":"newer"}');
  Fake.last.dispatch('message', '[DONE]');
  assert.deepEqual(heard, ['"{\\"kind\\":\\"text_delta\\",\\"text\\":\\"a\\"}"', 'a', '"{\\"kind\\":\\"newer\\"}"', '"[DONE]"', '[DONE]']);
  assert.equal(chat.state, 'ended');
  assert.deepEqual(await read, ['text_delta', 'message']);
});

test('a terminal event closes, though a listener throws', () => {
  const [market, source] = opened();
  const states = [];
  market.onState((state) => states.push(state));
  market.on('message', () => {
    throw new Error('mine');
  });
  source.open();
  assert.throws(() => source.dispatch('message', '[DONE]'), /mine/);
  assert.deepEqual([states, source.readyState], [['open', 'ended'], 2]);
  market.close();
  source.dispatch('line', 'late');
  assert.equal(market.state, 'ended');
});

test('states, and a server that refuses', () => {
  const [market, source] = opened();
  const states = [];
  market.onState((state) => states.push(state));
  source.open();
  source.fail();
  source.open();
  source.fail(2);
  source.open();
  assert.deepEqual(states, ['open', 'connecting', 'open', 'closed']);
});

test('a stream that is opened anew goes on behind the last event', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const [market, first] = opened({ reopenAfter: 2000, lastEventId: 'a-5' });
    market.onOther('plugin', () => {});
    assert.equal(first.url, 'http://localhost/prices?a=1&last_event_id=a-5');
    first.dispatch('line', 'x', 'a-6');
    first.fail(2);
    mock.timers.tick(1999);
    assert.equal(Fake.last, first);
    mock.timers.tick(1);
    assert.equal(Fake.last.url, 'http://localhost/prices?a=1&last_event_id=a-6');
    assert.equal(market.state, 'connecting');
    const heard = [];
    market.onOther('plugin', ({ data }) => heard.push(data));
    Fake.last.dispatch('plugin', '5');
    assert.deepEqual(heard, ['5']);
    Fake.last.fail(2);
    market.close();
    const last = Fake.last;
    mock.timers.tick(5000);
    assert.equal(Fake.last, last);
  } finally {
    mock.timers.reset();
  }
});

test('data that is none is an error, and the next event comes all the same', async () => {
  const [market, source] = opened();
  assert.throws(() => source.dispatch('old', 'no'), /event old: SyntaxError/);
  const errors = [];
  market.onError((error) => errors.push(error.message));
  const read = (async () => {
    for await (const { type } of market) errors.push(type);
  })();
  await settled();
  source.dispatch('line', 'a');
  source.dispatch('old', '');
  await assert.rejects(read, /event old/);
  assert.deepEqual(errors.length, 2);
});

test('one event after the other, until the end', async () => {
  const [market, source] = opened({ buffer: 3 });
  const read = (async () => {
    const events = [];
    for await (const { data } of market) {
      events.push(data);
      await settled();
    }
    return events;
  })();
  await settled();
  for (const line of ['a', 'b', 'c']) source.dispatch('line', line);
  await settled();
  source.dispatch('message', '[DONE]');
  assert.deepEqual(await read, ['a', 'b', 'c', '[DONE]']);
});

test('who is too slow is told, and keeps nothing more', async () => {
  const [market, source] = opened({ buffer: 2 });
  const read = market[Symbol.asyncIterator]();
  const first = read.next();
  for (let line = 0; line < 100; line += 1) source.dispatch('line', String(line));
  assert.equal((await first).value.data, '0');
  assert.equal((await read.next()).value.data, '1');
  await assert.rejects(read.next(), /more than 2 events wait/);
});

test('an event that is called `error` or `open` is one', async () => {
  const { openReply } = await load('ported/messages-Reply.ts');
  const reply = openReply('http://localhost/', { EventSource: Fake });
  const heard = [];
  reply.on('error', ({ data }) => heard.push(data.error.type));
  reply.onState((state) => heard.push(state));
  Fake.last.dispatch('error', '{"type":"error","error":{"type":"overloaded_error","message":"m"}}');
  Fake.last.fail();
  Fake.last.open();
  assert.deepEqual(heard, ['overloaded_error', 'open']);
});

for (const [name, make] of [['bigint', BigInt], ['string', String]]) {
  test(`large integers keep their digits as ${name}`, async () => {
    const { openMarket } = await load(`market-${name}.ts`);
    const market = openMarket('http://localhost/', { EventSource: Fake });
    const heard = [];
    market.on('price_changed', ({ data }) => heard.push(data));
    market.on('old', ({ data }) => heard.push(data));
    market.on('traded', ({ data }) => heard.push(data));
    market.onReset(({ data }) => heard.push(data.missed));
    const text = String.raw`{ "seq" : 18446744073709551615, "symbol": "12\"3,4 \\\u0000n5", "price": -1.25e-3, "x-y": [255,true],
      "sides": {"9007199254740993": [null]}, "note": {"text": "\u0000n7", "below": []} }`;
    Fake.last.dispatch('price_changed', text);
    const { seq, ...rest } = JSON.parse(text);
    assert.deepEqual(heard.pop(), { ...rest, seq: make('18446744073709551615') });
    Fake.last.dispatch('old', '9007199254740993');
    assert.equal(heard.pop(), make('9007199254740993'));
    Fake.last.dispatch('traded', '{"A":[9007199254740993,7]}');
    assert.deepEqual(heard.pop(), { A: [make('9007199254740993'), 7] });
    Fake.last.dispatch('reset', '{"reason":"unknown","missed":null}');
    Fake.last.dispatch('reset', '{"reason":"unknown","missed":3}');
    assert.deepEqual(heard, [null, make('3')]);
  });
}

test('in Node, with the npm package `eventsource`', async () => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] ?? null);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) response.end('retry: 1\nid: a-1\nevent: line\ndata: one\n\n');
    else response.write('id: a-2\nevent: line\ndata: two\n\ndata: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const market = openMarket(`http://127.0.0.1:${server.address().port}/`, { EventSource });
    const events = [];
    for await (const { type, data, lastEventId } of market) events.push([type, data, lastEventId]);
    assert.deepEqual(events, [['line', 'one', 'a-1'], ['line', 'two', 'a-2'], ['message', '[DONE]', 'a-2']]);
    assert.deepEqual([asked, market.state], [[null, 'a-1'], 'ended']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
