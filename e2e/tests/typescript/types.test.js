// The compiler's word on what is generated, and on how it is used.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const tsc = (project) => node('node_modules/typescript/bin/tsc', '-p', project);
const page = fileURLToPath(new URL('../../../examples/showcase/page', import.meta.url));

for (const example of ['showcase', 'auth', 'outbox']) {
  test(`the page of the ${example} compiles`, () => {
    const { status, stdout } = tsc(fileURLToPath(new URL(`../../../examples/${example}/page`, import.meta.url)));
    assert.equal(status, 0, stdout);
  });
}

// What becomes of the page when the enum changes: an event renamed, a field renamed, and one of another type.
for (const [before, after, error] of [
  ['\n  counters: Counters;', '\n  counts: Counters;', /'"counters"' is not assignable/],
  ['\n  cores: number[];', '\n  cpus: number[];', /Property 'cores' does not exist on type 'Cpu'/],
  ['\n  swap_total: number;', '\n  swap_total: string;', /'string' and 'number' have no overlap/],
]) {
  test(`the page of the showcase does not compile with${after.trimEnd()}`, () => {
    mkdirSync(`${folder}out`, { recursive: true });
    const copy = mkdtempSync(`${folder}out/page-`);
    try {
      cpSync(page, copy, { recursive: true });
      const types = readFileSync(`${copy}/dashboard.d.ts`, 'utf8');
      assert.ok(types.includes(before));
      writeFileSync(`${copy}/dashboard.d.ts`, types.replace(before, after));
      const { status, stdout } = tsc(copy);
      assert.notEqual(status, 0);
      assert.match(stdout, error);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
}
