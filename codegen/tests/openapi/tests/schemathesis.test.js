// schemathesis against the live server: it reads the events, and checks each against the `itemSchema`, and the JSON in its
// data against the schema of that. All of that is its own.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCHEMATHESIS } from '../support/paths.js';
import { run } from '../support/run.js';
import { serve } from '../support/server.js';

/** Everything that it checks about responses; what it checks about requests is the server's own affair. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
].join(',');

async function schemathesis(document, careless) {
  const server = await serve(careless);
  // It writes its own files there.
  const folder = await mkdtemp(join(tmpdir(), 'typed-sse-openapi-'));
  try {
    const args = ['run', `${server.url}/documents/${document}`, '--url', server.url, '--checks', CHECKS];
    const bounds = ['--max-examples', '20', '--seed', '1', '--suppress-health-check', 'all', '--no-color'];
    return await run(SCHEMATHESIS, [...args, ...bounds], { cwd: folder });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

for (const [document, streams] of [['openapi.json', 4], ['openapi.yaml', 4], ['exact.json', 4], ['utoipa.json', 3]]) {
  test(`${document} is what the server does`, async () => {
    const { code, text } = await schemathesis(document);
    assert.equal(code, 0, text);
    assert.ok(text.includes(`${streams} selected / ${streams} total`), text);
    assert.match(text, /No issues found/);
  });
}

for (const [careless, what] of [
  ['type', 'a number that is text'],
  ['event', 'an event type that nobody knows'],
  ['json', 'data that is no JSON'],
]) {
  test(`${what} is found`, async () => {
    const { code, text } = await schemathesis('openapi.json', careless);
    assert.equal(code, 1, text);
    assert.match(text, /SSE event (payload )?violates/);
  });
}

test('a document of payloads is for hey-api alone', async () => {
  const { code, text } = await schemathesis('payloads.json');
  assert.equal(code, 1, text);
  assert.match(text, /SSE stream violates schema/);
});
