// Validators that are not ours, on each kind of document.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Parser } from '@asyncapi/parser';
import { parse } from 'yaml';
import { document } from '../support/paths.js';

for (const name of ['openapi.json', 'exact.json', 'payloads.json', 'utoipa.json']) {
  test(`${name} is a document of OpenAPI 3.2`, async () => {
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(document(name)));
    assert.deepEqual(result, { valid: true });
    assert.equal(validator.version, '3.2');
    // References lead somewhere: this throws otherwise.
    validator.resolveRefs();
  });
}

test('the validator finds what is wrong', async () => {
  const wrong = JSON.parse(document('openapi.json'));
  wrong.paths['/prices/{symbol}'].get.responses[200].content['text/event-stream'].itemSchema = 'any';
  assert.equal((await new Validator().validate(wrong)).valid, false);
  // 3.1 has no `itemSchema`.
  const old = { ...JSON.parse(document('openapi.json')), openapi: '3.1.0' };
  assert.equal((await new Validator().validate(old)).valid, false);
});

test('asyncapi.json is a document of AsyncAPI 3', async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(document('asyncapi.json'));
  // What is left is advice: there is a 3.1.
  const found = diagnostics.filter(({ severity }) => severity < 2);
  assert.deepEqual(found, []);
  assert.equal(parsed.version(), '3.0.0');
  const names = parsed.channels().get('market').messages().all().map((message) => message.name());
  assert.deepEqual(names.sort(), ['closed', 'line', 'logo', 'price_changed', 'reset', 'story', 'tick']);
  const chat = parsed.channels().get('chat').messages().all();
  assert.deepEqual(chat.map((message) => message.id()).sort(), ['Done', 'TextDelta', 'Usage']);
});

test('the parser finds what is wrong', async () => {
  const wrong = JSON.parse(document('asyncapi.json'));
  wrong.channels.market.messages.Tick.payload = 'any';
  const { diagnostics } = await new Parser().parse(JSON.stringify(wrong));
  assert.notDeepEqual(diagnostics.filter(({ severity }) => severity === 0), []);
});

for (const kind of ['openapi', 'asyncapi']) {
  test(`${kind}.yaml says what ${kind}.json says`, () => {
    for (const version of ['1.1', '1.2']) {
      assert.deepEqual(parse(document(`${kind}.yaml`), { version }), JSON.parse(document(`${kind}.json`)));
    }
  });
}
