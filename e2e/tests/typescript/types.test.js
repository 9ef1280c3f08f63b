// The compiler's word on what is generated, and on how it is used.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../', import.meta.url));
const node = (...args) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });

test('right uses compile, and wrong ones do not', () => {
  const { status, stdout } = node('node_modules/typescript/bin/tsc', '-p', 'typescript');
  assert.equal(status, 0, stdout);
});

test('the JavaScript of the client is that of its source', () => {
  const { status, stderr } = node('support/runtime.js', '--check');
  assert.equal(status, 0, stderr);
});
