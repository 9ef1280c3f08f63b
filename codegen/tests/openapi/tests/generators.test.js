// Generators of TypeScript that are not ours: what they make of the documents compiles, names every event, and works.

import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { HERE, OUT, document, tool } from '../support/paths.js';
import { node } from '../support/run.js';
import { serve } from '../support/server.js';

before(async () => {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT);
  for (const name of ['openapi.json', 'payloads.json', 'exact.json']) await writeFile(join(OUT, name), document(name));
});

const openapiTypescript = (from, to) =>
  node(tool('openapi-typescript/bin/cli.js'), join(OUT, from), '--output', join(OUT, to));

const heyApi = (from, to) =>
  node(tool('@hey-api/openapi-ts/bin/run.js'), '--input', join(OUT, from), '--output', join(OUT, to), '--no-log-file');

const EVENTS = ['PriceChanged', 'Story', 'Line', 'Logo', 'Tick', 'Closed', 'Reset'];

test('openapi-typescript', async () => {
  await openapiTypescript('openapi.json', 'openapi-typescript.d.ts');
  const types = await readFile(join(OUT, 'openapi-typescript.d.ts'), 'utf8');
  for (const event of EVENTS) assert.match(types, new RegExp(`^ +Market${event}Event: \\{`, 'm'));
});

test('openapi-typescript with the exact schema alone', async () => {
  await openapiTypescript('exact.json', 'exact.d.ts');
  // Why there is another one beside it.
  const types = await readFile(join(OUT, 'exact.d.ts'), 'utf8');
  assert.match(types, /"text\/event-stream": unknown;/);
});

test('hey-api, by events', async () => {
  await heyApi('openapi.json', 'hey-api-events');
  const types = await readFile(join(OUT, 'hey-api-events', 'types.gen.ts'), 'utf8');
  for (const event of EVENTS) assert.match(types, new RegExp(`^export type Market${event}Event = `, 'm'));
});

test('hey-api, by payloads', async () => {
  await heyApi('payloads.json', 'hey-api');
  const types = await readFile(join(OUT, 'hey-api', 'types.gen.ts'), 'utf8');
  for (const event of EVENTS) assert.match(types, new RegExp(`^export type Market${event} = `, 'm'));
});

test('what they make compiles, and so do its uses', async () => {
  // Lines that must not compile are marked there.
  await node(tool('typescript/bin/tsc'), '--project', join(HERE, 'use'));
  await writeFile(join(OUT, 'js', 'package.json'), '{"type": "commonjs"}');
});

test("hey-api's own client reads the server", async () => {
  const { day, answer } = createRequire(import.meta.url)(join(OUT, 'js', 'use', 'hey-api.js'));
  const server = await serve();
  try {
    const seen = await day(server.url);
    // An ephemeral event is not replayed, and the first block has the client's place and nothing else.
    const types = seen.seen.map(({ event }) => event).filter(Boolean);
    assert.deepEqual(types, ['price_changed', 'story', 'line', 'logo', 'price_changed', 'closed']);
    assert.deepEqual([seen.price, seen.venues, seen.closed], [25.5, ['Lse', null], 'the day is over']);
    assert.deepEqual(seen.payloads[1], { headline: 'ACME\r\nfalls', answers: { headline: 'ACME rises', answers: null } });
    assert.deepEqual(seen.payloads.slice(2, 4), ['one\ntwo', 'AJ//']);
    assert.equal(new Set(seen.seen.map(({ id }) => id)).size, 7);
    assert.deepEqual(await answer(server.url), { text: 'Hello, world', tokens: 3 });
  } finally {
    await server.stop();
  }
});
