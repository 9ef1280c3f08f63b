// Every client against every adapter: cut, resumed, and sent away by a server that stops.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { idOnly, isEmpty } from '../support/blocks.js';
import { CLIENTS } from '../support/clients.js';
import { table } from '../support/print.js';
import { relay } from '../support/relay.js';
import { ADAPTERS, serve } from '../support/server.js';
import { until } from '../support/wait.js';

const TICKS = 20;
const CUTS = [{ events: 5, inside: true }, { events: 6 }];

const failed = () => Object.fromEntries(ADAPTERS.map((adapter) => [adapter, 'FAILED']));
const results = Object.fromEntries(CLIENTS.map(({ name }) => [name, failed()]));
after(() => table(results));

for (const adapter of ADAPTERS) {
  describe(adapter, { concurrency: true }, () => {
    for (const client of CLIENTS) {
      test(`${client.name} and ${adapter}`, async (t) => {
        results[client.name][adapter] = await scenario(t, adapter, client);
      });
    }

    test(`a last event ID in the query and ${adapter}`, async (t) => {
      const server = await serve(t, adapter);
      const first = await firstId(`${server.url}/events`);
      const second = await firstId(`${server.url}/events?last_event_id=${first}`);
      assert.equal(sequence(second), sequence(first) + 1);
    });

    test(`Ctrl-C and ${adapter}`, async (t) => {
      const server = await serve(t, adapter);
      const { body } = await fetch(`${server.url}/events`);
      let text = '';
      let stopped;
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        stopped ??= server.stop('SIGINT');
      }
      assert.match(text, /^retry: \d+\n(id: .*\n\n|event: .*\nid: .*\ndata: .*\n\n)*retry: \d+\n$/);
      assert.deepEqual(await stopped, { code: 0, signal: null });
    });
  });
}

async function scenario(t, adapter, client) {
  const server = await serve(t, adapter);
  const events = [];
  const empty = [];
  // With its data: a stream may begin with the ID of an event of the one before.
  const seen = ({ text }) => events.some(({ id }) => text.includes(`id: ${id}\ndata: `));
  const wire = await relay(t, server.port, CUTS, seen);
  t.after(await client.open(`${wire.url}/events`, (event) => (isEmpty(event) ? empty : events).push(event)));

  await until(
    () => `${events.length} events on ${wire.streams.length} streams`,
    () => events.length >= TICKS && wire.streams.length > CUTS.length && seen(wire.streams.at(-1)),
  );
  assertWhole(events);
  assert.equal(wire.streams.length, CUTS.length + 1);
  assertResumed(wire.streams, events, client.keepsBareId);

  const drained = wire.streams.at(-1);
  assert.deepEqual(await server.stop('SIGTERM'), { code: 0, signal: null });
  await until(() => 'the end of the stream', () => drained.ended !== null);
  assert.match(drained.text, /\nretry: \d+\n\r\n0\r\n\r\n$/, 'a reconnection time, and a proper end');
  // There is no server yet, and the client goes on trying.
  await until(() => 'an attempt to come back', () => wire.streams.length > CUTS.length + 1);
  assertWaited(drained, wire.streams.at(CUTS.length + 1).came, client.showsBareRetry);
  assert.equal(wire.streams.at(CUTS.length + 1).text, '');

  const old = events.length;
  wire.port = (await serve(t, adapter)).port;
  await until(() => `events of the next server: ${JSON.stringify(events.slice(old))}`, () => events.length > old + 3);
  assertWhole(events.slice(0, old));
  const [reset, ...rest] = events.slice(old);
  assert.equal(reset.type, 'reset');
  assert.deepEqual(JSON.parse(reset.data), { reason: 'epoch', missed: null });
  assertWhole(rest);
  assert.notEqual(epoch(rest[0].id), epoch(events[0].id));
  assertBareIds(empty, wire.streams, client.showsBareId);
  return `${old} events, ${CUTS.length} cuts, 1 reset${empty.length > 0 ? `, ${empty.length} empty` : ''}`;
}

/** Every event once and in order, none missing. */
function assertWhole(events) {
  const { number: first } = JSON.parse(events[0].data);
  events.forEach(({ type, id, data }, index) => {
    const { number } = JSON.parse(data);
    assert.equal(number, first + index, `behind ${first + index - 1} comes ${number}`);
    assert.equal(type, number % 2 === 1 ? 'tick' : 'tock');
    assert.equal(sequence(id), sequence(events[0].id) + index);
    assert.equal(epoch(id), epoch(events[0].id));
  });
}

/**
 * Each stream but the first resumes from an event that was received, or else from an ID that was sent without one, after
 * the reconnection time.
 */
function assertResumed(streams, events, keepsBareId) {
  assert.equal(streams[0].lastEventId, null);
  streams.slice(1).forEach((stream, index) => {
    const before = streams[index];
    const known = [...events.map(({ id }) => id), ...(keepsBareId ? idOnly(before.text) : [])];
    assert.ok(known.includes(stream.lastEventId), `${stream.lastEventId} was received`);
    assertWaited(before, stream.came, true);
  });
}

/** An empty message is what some clients make of an ID that was sent without an event, and nothing else is. */
function assertBareIds(empty, streams, showsBareId) {
  const sent = streams.flatMap(({ text }) => idOnly(text));
  const extra = empty.map(({ id }) => id).filter((id) => !showsBareId || !sent.includes(id));
  assert.deepEqual(extra, [], 'empty messages');
  assert.ok(empty.length <= sent.length, `${empty.length} empty messages of ${sent.length} IDs`);
  if (showsBareId && sent.length > 0) assert.ok(empty.length > 0, 'it is said to take such an ID for an empty message');
}

/** The client came at `came`, not before the reconnection time of `stream`: the last, or else the first. */
function assertWaited(stream, came, last) {
  const told = [...stream.text.matchAll(/^retry: (\d+)$/gm)].map(([, ms]) => Number(ms));
  const waited = came - stream.ended;
  // Timers may be a little early.
  assert.ok(waited > told.at(last ? -1 : 0) - 20, `waited ${waited} ms, told ${told}`);
}

/** The ID of the first event. */
async function firstId(url) {
  const { body } = await fetch(url);
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const id = /^event: .*\nid: (.*)$/m.exec(text)?.[1];
    if (id) return id;
  }
  throw new Error(`no event ID in ${text}`);
}

function epoch(id) {
  return id.split('-')[0];
}

function sequence(id) {
  return Number(id.split('-')[1]);
}
