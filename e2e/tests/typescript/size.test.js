// What a page pays for the client.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

async function bundle(options) {
  const { outputFiles } = await build({
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
    ...options,
  });
  return outputFiles[0].text;
}

test('under 2 kB', async (t) => {
  const sizes = {};
  for (const module of ['market.ts', 'market-bigint.ts', 'chat.ts', 'market-tabs.js']) {
    const code = await bundle({ entryPoints: [file(`generated/${module}`)] });
    sizes[module] = gzipSync(code, { level: 9 }).length;
  }
  t.diagnostic(JSON.stringify(sizes));
  for (const module of ['market.ts', 'market-bigint.ts', 'chat.ts']) {
    assert.ok(sizes[module] < 2000, `${module}: ${sizes[module]} bytes`);
  }
});

test('what is not used is left out', async () => {
  const contents = `import { openMarket } from ${JSON.stringify(file('generated/market-tabs.js'))}; openMarket("/");`;
  const code = await bundle({ stdin: { contents, resolveDir: file('.') } });
  assert.ok(!code.includes('BroadcastChannel'), 'the page does not share its connection');
  const none = await bundle({ stdin: { contents: contents.replace('openMarket("/");', ''), resolveDir: file('.') } });
  assert.equal(none.trim(), '');
});
