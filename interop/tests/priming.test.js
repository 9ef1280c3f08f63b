// What clients make of a block that has only an event ID: the first of a stream, which tells its place to a client that
// has seen no event yet, and a later one between two events. And of other forms that could tell the same.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CLIENTS } from '../support/clients.js';
import { DECODERS } from '../support/decoders.js';
import { table } from '../support/print.js';
import { script } from '../support/script.js';
import { checkTable } from '../support/table.js';
import { until } from '../support/wait.js';

const DOCUMENT = 'docs/clients.md';
const RETRY = 'retry: 100\n';
const EVENT_TYPE = 'cursor';

/** The one that is sent, and what else could be. */
const SENT = '`id` alone';
const FORMS = {
  [SENT]: (id) => `id: ${id}\n\n`,
  'without a blank line': (id) => `id: ${id}\n`,
  'and a comment': (id) => `id: ${id}\n:\n\n`,
  'and an event type': (id) => `id: ${id}\nevent: ${EVENT_TYPE}\n\n`,
  'and empty data': (id) => `id: ${id}\nevent: ${EVENT_TYPE}\ndata\n\n`,
};

/** The clients of the standard, whatever else becomes of the table. */
const STANDARD = ['Chromium', 'npm eventsource 5', 'npm undici'];

const sent = [['', 'comes back with its ID', 'and with that of a later one', 'dispatches for it']];
const others = [['', ...Object.keys(FORMS)]];
after(() => table([...sent, ...others]));

describe('a block that has only an event ID', () => {
  for (const client of [...CLIENTS, ...DECODERS]) {
    test(client.name, async (t) => {
      const forms = Object.values(FORMS).map((form) => measure(t, client, form));
      const [first, ...rest] = await Promise.all(forms);
      assert.equal(first.kept, client.keepsBareId, `comes back with ${first.kept}`);
      assert.deepEqual(first.dispatched, client.showsBareId ? ['message'] : []);
      if (STANDARD.includes(client.name)) assert.ok(first.kept && first.keptLater && !first.dispatched.length);
      sent.push([client.name, kept(first), first.hasIds ? yes(first.keptLater) : '', dispatched(first) || 'nothing']);
      others.push([client.name, ...[first, ...rest].map(cell)]);
    });
  }

  test(`the table of ${DOCUMENT}`, () => checkWhole('priming', sent));

  test(`the other forms in ${DOCUMENT}`, () => checkWhole('forms', others));
});

/** Not with a row less, since its client has failed. */
async function checkWhole(name, rows) {
  assert.equal(rows.length, 1 + CLIENTS.length + DECODERS.length, 'a row for each client');
  await checkTable(DOCUMENT, name, rows);
}

/**
 * Three streams. The first is cut before it has an event, the second behind a block that follows its event, and the
 * third has a block between two events.
 */
async function measure(t, { open }, form) {
  const streams = [
    RETRY + form('e-0'),
    RETRY + form('e-0') + event(1) + form('e-4'),
    RETRY + form('e-4') + event(5) + form('e-7') + event(8),
  ];
  const { url, lastEventIds } = await script(t, streams);
  const received = [];
  t.after(await open(url, (event) => received.push(event)));
  const failed = () => received.some(({ type }) => type === 'failed');
  await until(
    () => `three events: ${JSON.stringify({ received, lastEventIds })}`,
    () => failed() || place(received, 8) >= 0,
  );
  if (failed()) return { failed: true };

  const early = received.slice(0, place(received, 1));
  const middle = between(received, 1, 5);
  const late = between(received, 5, 8);
  const [first, second, third, ...more] = lastEventIds;
  assert.equal(first, null);
  assert.deepEqual(more, []);
  const events = received.filter(({ type }) => type === 'tick');
  assert.deepEqual(events.map(({ data }) => JSON.parse(data)), [1, 5, 8].map((number) => ({ number })));
  const kept = told(second, 'e-0', null);
  // One that has event IDs at all has that of the event.
  const hasIds = events.every(({ id }, index) => id === ['e-1', 'e-5', 'e-8'][index]);
  const keptLater = told(third, 'e-4', hasIds ? 'e-1' : null);
  // The same each time: for the first of two streams, for the last of one and the first of the next, and for a late one.
  const types = [...new Set(late.map(({ type }) => type))];
  const each = (count) => types.flatMap((type) => Array(count).fill({ type, data: '' }));
  const seen = (events) => events.map(({ type, data }) => ({ type, data }));
  assert.deepEqual([early, middle, late].map(seen), [each(2), each(2), each(1)]);
  return { kept, keptLater, hasIds, dispatched: types };
}

function event(number) {
  return `event: tick\nid: e-${number}\ndata: {"number":${number}}\n\n`;
}

function place(received, number) {
  return received.findIndex(({ type, data }) => type === 'tick' && JSON.parse(data).number === number);
}

function between(received, first, second) {
  return received.slice(place(received, first) + 1, place(received, second));
}

/** Whether a client came back with the ID `of the block`, and not with the one before it. */
function told(lastEventId, ofTheBlock, before) {
  assert.ok([ofTheBlock, before].includes(lastEventId), `comes back with ${lastEventId}`);
  return lastEventId === ofTheBlock;
}

function cell(measured) {
  if (measured.failed) return 'fails';
  return [kept(measured), dispatched(measured)].filter(Boolean).join(', ');
}

function kept({ hasIds, kept }) {
  return hasIds ? yes(kept) : 'has no IDs';
}

function dispatched({ dispatched }) {
  return dispatched.map((type) => `an empty \`${type}\``).join(', ');
}

function yes(condition) {
  return condition ? 'yes' : 'no';
}
